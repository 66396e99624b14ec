import { callMs, Connection, statementMs } from './connection.ts'
import { hasOtherHistory } from './epoch.ts'
import { ConnectionLost } from './fault.ts'
import { Lane } from './lane.ts'

/** Reads for requests that are under way at once, and how many may wait for theirs. Beyond that they are refused. */
const readBounds = { connectionsMax: 8, waitingMax: 512 }

/** Each of these has one thing to do at a time. */
const aloneBounds = { connectionsMax: 1, waitingMax: 16 }

/**
 * Every connection over which an instance reads and takes its part among others, by what it is for; the one that writes
 * is the writer's own. What keeps memories right has its own, so that no number of requests can hold it up.
 */
export class Connections {
  /** For whatever requests read, cold verifications among it. */
  readonly reads: Lane
  /** For following the log, which is also where the server tells of news. */
  readonly feed: Lane
  /** For what this instance says of itself. */
  readonly registration: Lane
  /** For asking what the others say of themselves. */
  readonly barrier: Lane

  /** Connects to nothing yet. */
  constructor(url: string) {
    const connect = (withinMs: number) => Connection.open(url, { connectMs: withinMs, statementMs, callMs })
    this.reads = new Lane(async (withinMs) => requireOwnHistory(await connect(withinMs)), readBounds)
    this.feed = new Lane(connect, aloneBounds)
    this.registration = new Lane(connect, aloneBounds)
    this.barrier = new Lane(connect, aloneBounds)
  }

  /**
   * Makes a connection for each, so that whoever asks first need not wait for it.
   * @throws ConnectionLost (rejects)
   */
  async makeReady(withinMs: number): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.makeReady(withinMs)))
  }

  /** Waits for what is under way, and takes leave of the server. */
  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()))
  }

  get #lanes(): readonly Lane[] {
    return [this.reads, this.feed, this.registration, this.barrier]
  }
}

/**
 * A server that took over from another, or was put back, may take for alive what was revoked on the one before. Until its
 * state has an epoch of its own nobody is told what it holds; and it becomes another one only with other connections.
 */
async function requireOwnHistory(connection: Connection): Promise<Connection> {
  try {
    if (!(await connection.perform(hasOtherHistory()))) return connection
    throw new ConnectionLost('the server goes on from an older state, and the log has no epoch for it yet')
  } catch (error) {
    connection.destroy('it is of no use to requests')
    throw error
  }
}
