import { connectMs, type Connection } from './connection.ts'
import { ConnectionLost, isPostgresFault } from './fault.ts'

export interface LaneBounds {
  readonly connectionsMax: number
  /** How many may wait for one of them. */
  readonly waitingMax: number
}

/**
 * Connections that are kept for one sort of work, so that no other sort can exhaust them. They are made when they are
 * needed, and again when they are lost.
 */
export class Lane {
  readonly #connect: (withinMs: number) => Promise<Connection>
  readonly #bounds: LaneBounds
  readonly #idle: Connection[] = []
  readonly #waiting = new Set<Waiting>()
  /** Work that has a connection, or a place for one. */
  readonly #working = new Set<Promise<unknown>>()
  #placesTaken = 0
  #isClosed = false

  constructor(connect: (withinMs: number) => Promise<Connection>, bounds: LaneBounds) {
    this.#connect = connect
    this.#bounds = bounds
  }

  /**
   * Lends a connection to some work, which has it alone until it ends.
   * @throws ConnectionLost (rejects) when there is none within `connectMs`, or too many wait already.
   */
  async use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#take()
    const working = work(connection)
    this.#working.add(working)
    try {
      return await working
    } catch (error) {
      // After a fault nobody knows in which state it is.
      if (isPostgresFault(error)) connection.destroy('a statement failed')
      throw error
    } finally {
      this.#working.delete(working)
      this.#giveBack(connection)
    }
  }

  /**
   * Makes a connection beforehand, so that the first work need not wait for it.
   * @throws ConnectionLost (rejects)
   */
  async makeReady(withinMs: number): Promise<void> {
    this.#idle.push(await this.#connect(withinMs))
  }

  /** Waits for the work under way, and takes leave of the server. Nobody gets a connection any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const waiting of this.#waiting) waiting.giveUp('the database is being closed')
    await Promise.allSettled(this.#working)
    await Promise.all(this.#idle.splice(0).map((connection) => connection.close()))
  }

  async #take(): Promise<Connection> {
    if (this.#isClosed) throw new ConnectionLost('the database is closed')
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (!idle.isOpen) continue
      this.#placesTaken += 1
      return idle
    }
    const since = performance.now()
    if (this.#placesTaken < this.#bounds.connectionsMax) this.#placesTaken += 1
    else {
      const passedOn = await this.#wait()
      if (passedOn !== undefined) return passedOn
    }
    try {
      const connection = await this.#connect(connectMs - (performance.now() - since))
      if (!this.#isClosed) return connection
      await connection.close()
      throw new ConnectionLost('the database is closed')
    } catch (error) {
      this.#passOn(undefined)
      throw error
    }
  }

  /** Resolves with a connection that somebody gave back, or with nothing but the place for one. */
  #wait(): Promise<Connection | undefined> {
    if (this.#waiting.size >= this.#bounds.waitingMax) throw new ConnectionLost('too many wait for the database')
    return new Promise((resolve, reject) => {
      const giveUp = (because: string) => {
        this.#stopWaiting(waiting)
        reject(new ConnectionLost(because))
      }
      const timer = setTimeout(giveUp, connectMs, `no connection was free within ${connectMs} ms`)
      const waiting: Waiting = { resolve, giveUp, timer }
      this.#waiting.add(waiting)
    })
  }

  #stopWaiting(waiting: Waiting): void {
    clearTimeout(waiting.timer)
    this.#waiting.delete(waiting)
  }

  #giveBack(connection: Connection): void {
    this.#passOn(connection.isOpen ? connection : undefined)
  }

  /** Gives a place, with its connection if it has one, to whoever has waited longest. */
  #passOn(connection: Connection | undefined): void {
    const [next] = this.#waiting
    if (next !== undefined) {
      this.#stopWaiting(next)
      next.resolve(connection)
      return
    }
    this.#placesTaken -= 1
    if (connection !== undefined) this.#idle.push(connection)
  }
}

interface Waiting {
  readonly resolve: (connection: Connection | undefined) => void
  readonly giveUp: (because: string) => void
  readonly timer: NodeJS.Timeout
}
