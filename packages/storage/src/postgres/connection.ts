import { Socket } from 'node:net'
import { Client, DatabaseError, type QueryResult } from 'pg'
import { isMany, type Answer, type Row, type SqlValue, type Statement, type Steps, type Values } from '../sql/steps.ts'
import { toPostgres } from './dialect.ts'
import { ConnectionLost } from './fault.ts'

/** How long it may take until a new connection can be asked. */
export const connectMs = 300
/** How long the server itself may work on a statement, and how long that may wait for somebody's lock. */
export const statementMs = 400
/** How long an answer may take to arrive. `pg` by itself waits for ever on a server that is frozen. */
export const callMs = 500
/** How long a transaction may hold its locks while nothing arrives for it, so that a frozen instance blocks nobody longer. */
export const lockMs = 300

/** Statements that are sent without waiting; each is to be answered by its own deadline. */
const openMax = 64

/** Statements kept prepared on a connection; lists with many combinations of filters would otherwise pile up. */
const preparedMax = 500

export interface Deadlines {
  readonly connectMs: number
  readonly statementMs: number
  readonly callMs: number
}

/**
 * One connection to the server that takes writes. Each call ends within its deadline, whatever the server does; one that
 * does not is the end of the connection, since nobody knows what became of it.
 */
export class Connection {
  readonly #client: Client
  readonly #socket: Socket
  readonly #callMs: number
  readonly #prepared = new Map<string, { readonly name?: string; readonly text: string }>()
  #lostBecause: string | undefined

  private constructor(client: Client, socket: Socket, deadlines: Deadlines) {
    this.#client = client
    this.#socket = socket
    this.#callMs = deadlines.callMs
    // Without a listener an error of an idle connection would end the process.
    client.on('error', (error) => this.destroy(error.message))
    client.on('end', () => this.destroy('the server closed the connection'))
  }

  /**
   * @param deadlines other than those of a request, for work that may take longer
   * @throws ConnectionLost (rejects) when there is no connection in time, or the server is a replica.
   */
  static async open(url: string, deadlines: Deadlines = { connectMs, statementMs, callMs }): Promise<Connection> {
    const socket = new Socket()
    const client = new Client({
      connectionString: url,
      // A socket of our own can be destroyed at any moment, also while the connection is being made.
      stream: () => socket,
      types: { getTypeParser: (type: number) => parsers[type] ?? asText },
      // Statements go out as they come, and are answered in their order: several take one round trip.
      pipeline: true,
      keepAlive: true,
      application_name: 'chatelaine',
      statement_timeout: deadlines.statementMs,
      lock_timeout: lockMs,
      idle_in_transaction_session_timeout: lockMs,
    })
    const connection = new Connection(client, socket, deadlines)
    const late = `no connection within ${Math.round(deadlines.connectMs)} ms`
    const timer = setTimeout(() => connection.destroy(late), deadlines.connectMs)
    try {
      await client.connect()
      await connection.#requireWritable()
      return connection
    } catch (error) {
      connection.destroy(messageOf(error))
      throw connection.#lost(error)
    } finally {
      clearTimeout(timer)
    }
  }

  get isOpen(): boolean {
    return this.#lostBecause === undefined
  }

  /**
   * Takes steps to their end, each in a transaction of its own unless they begin one.
   * @throws ConnectionLost (rejects) when the answer did not come in time: what was asked may have been done or not.
   * @throws DatabaseError (rejects) what the server answered, unless the steps themselves catch it.
   */
  perform<T>(steps: Steps<T>): Promise<T> {
    return this.#perform(steps, [])
  }

  /** Runs steps that only read, so that all of them see the database as it is when the first one is answered. */
  async atOneMoment<T>(steps: Steps<T>): Promise<T> {
    // It goes out together with what the steps ask first.
    const begun = this.#ask(plain(beginReading))
    try {
      return await this.#perform(steps, [begun])
    } finally {
      // Also after a failure, of which the server says here that nothing else came of it.
      await this.#ask(plain('COMMIT'))
    }
  }

  /** Runs a text of several statements, as one transaction unless it says otherwise. */
  async script(sql: string): Promise<void> {
    await this.#withinDeadline(() => this.#client.query(sql))
  }

  /** Calls the listener with each notification of a channel, as long as the connection lasts. */
  async listen(channel: string, listener: () => void): Promise<void> {
    this.#client.on('notification', (message) => {
      if (message.channel === channel) listener()
    })
    await this.#ask(plain(`LISTEN ${this.#client.escapeIdentifier(channel)}`))
  }

  /** Ends the connection at once. What is under way fails. */
  destroy(because: string): void {
    if (this.#lostBecause !== undefined) return
    this.#lostBecause = because
    this.#socket.destroy()
  }

  /** Takes leave of the server, as far as that takes no longer than any other call. */
  async close(): Promise<void> {
    if (!this.isOpen) return
    const timer = setTimeout(() => this.destroy('the server did not take leave'), this.#callMs)
    await this.#client.end().catch(() => undefined)
    clearTimeout(timer)
    this.destroy('closed')
  }

  async #perform<T>(steps: Steps<T>, sentBefore: readonly Promise<Answer>[]): Promise<T> {
    /** Sent, and not yet known to have succeeded. */
    let open: Promise<Answer>[] = [...sentBefore]
    let step = steps.next()
    while (!step.done) {
      const asked = step.value
      const answers = (isMany(asked) ? asked : [asked]).map((statement) => this.#ask(statement))
      if (!isMany(asked) && (asked.answer === 'one-change' || asked.answer === 'nothing')) {
        open.push(...answers)
        if (open.length < openMax) {
          step = steps.next(undefined)
          continue
        }
      }
      try {
        await inOrder(open)
        open = []
        const heard = await inOrder(answers)
        step = steps.next(isMany(asked) ? heard : heard[0])
      } catch (error) {
        open = []
        step = steps.throw(error)
      }
    }
    await inOrder(open)
    return step.value
  }

  /** Sends a statement. Its answer is expected by the deadline, and may be looked at later. */
  #ask(statement: Statement): Promise<Answer> {
    const answer = this.#send(statement)
    // Whoever waits for it hears of its failure; whoever does not must not end the process by it.
    answer.catch(() => undefined)
    return answer
  }

  async #send({ sql, parameters, answer }: Statement): Promise<Answer> {
    const rowMode = answer === 'values' ? { rowMode: 'array' as const } : {}
    const values = parameters.length === 0 ? {} : { values: [...parameters] }
    const query = { ...this.#prepare(sql), ...values, ...rowMode }
    return answerOf(sql, answer, await this.#withinDeadline(() => this.#client.query(query)))
  }

  async #withinDeadline(query: () => Promise<QueryResult>): Promise<QueryResult> {
    if (!this.isOpen) throw this.#lost()
    const timer = setTimeout(() => this.destroy(`no answer within ${this.#callMs} ms`), this.#callMs)
    try {
      return await query()
    } catch (error) {
      if (error instanceof DatabaseError) throw error
      this.destroy(messageOf(error))
      throw this.#lost(error)
    } finally {
      clearTimeout(timer)
    }
  }

  #prepare(sql: string): { readonly name?: string; readonly text: string } {
    const known = this.#prepared.get(sql)
    if (known !== undefined) return known
    const text = toPostgres(sql)
    if (this.#prepared.size >= preparedMax) return { text }
    const prepared = { name: `s${this.#prepared.size}`, text }
    this.#prepared.set(sql, prepared)
    return prepared
  }

  /** A replica lags behind, and would take for alive what is revoked. */
  async #requireWritable(): Promise<void> {
    const sql = `SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean`
    const [row] = (await this.#send({ sql, parameters: [], answer: 'values' })) as readonly Values[]
    if (row?.[0] !== 0) throw new ConnectionLost('the server is a replica, or takes no writes')
  }

  #lost(cause?: unknown): ConnectionLost {
    return new ConnectionLost(this.#lostBecause ?? messageOf(cause), { cause })
  }
}

/** REPEATABLE READ: what its first statement sees, all of them see. */
const beginReading = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

function plain(sql: string): Statement {
  return { sql, parameters: [], answer: 'changed' }
}

function answerOf(sql: string, answer: Statement['answer'], result: QueryResult): Answer {
  switch (answer) {
    case 'rows':
      return result.rows as Row[]
    case 'values':
      return result.rows
    case 'changed':
      return result.rowCount ?? 0
    case 'nothing':
      return undefined
    case 'one-change':
      if (result.rowCount === 1) return undefined
      throw new Error(`changed ${result.rowCount} rows where it had to be one: ${sql}`)
  }
}

/** The first failure counts: in a transaction what follows it fails for no reason but that. */
async function inOrder(answers: readonly Promise<Answer>[]): Promise<Answer[]> {
  const heard: Answer[] = []
  for (const answer of answers) heard.push(await answer)
  return heard
}

const asText = (text: string): SqlValue => text
const asNumber = (text: string): SqlValue => Number(text)

/** By the oids of pg_type: bool, int8, int2, int4, float8 and numeric. All our integers are below 2^53. */
const parsers: Readonly<Record<number, (text: string) => SqlValue>> = {
  16: (text) => (text === 't' ? 1 : 0),
  20: asNumber,
  21: asNumber,
  23: asNumber,
  701: asNumber,
  1700: asNumber,
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
