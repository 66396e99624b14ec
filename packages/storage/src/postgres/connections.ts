import { callMs, Connection, statementMs } from './connection.ts'
import { Lane } from './lane.ts'

/** Reads for requests that are under way at once, and how many may wait for theirs. Beyond that they are refused. */
const readBounds = { connectionsMax: 8, waitingMax: 512 }

/** Each of these has one thing to do at a time. */
const aloneBounds = { connectionsMax: 1, waitingMax: 16 }

/**
 * Every connection that an instance has to its database, by what it is for. What keeps memories right has its own, so
 * that no number of requests can hold it up.
 */
export class Connections {
  /** For whatever requests read, cold verifications among it. */
  readonly reads: Lane
  /** For the transactions that write. */
  readonly committer: Lane
  /** For following the log, which is also where the server tells of news. */
  readonly feed: Lane
  /** For what this instance says of itself. */
  readonly registration: Lane
  /** For asking what the others say of themselves. */
  readonly barrier: Lane

  /** Connects to nothing yet. */
  constructor(url: string) {
    const connect = (withinMs: number) => Connection.open(url, { connectMs: withinMs, statementMs, callMs })
    this.reads = new Lane(connect, readBounds)
    this.committer = new Lane(connect, aloneBounds)
    this.feed = new Lane(connect, aloneBounds)
    this.registration = new Lane(connect, aloneBounds)
    this.barrier = new Lane(connect, aloneBounds)
  }

  /** Waits for what is under way, and takes leave of the server. */
  async close(): Promise<void> {
    const lanes = [this.reads, this.committer, this.feed, this.registration, this.barrier]
    await Promise.all(lanes.map((lane) => lane.close()))
  }
}
