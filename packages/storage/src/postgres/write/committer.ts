import type { LogEntry, LogPlace, Position } from '@chatelaine/core'
import type { Random } from '@chatelaine/token'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { newEpoch } from '../../sql/epoch.ts'
import { readEpochs } from '../../journal/catch-up.ts'
import { checkLogEnd } from '../../sql/log-end.ts'
import { Sealer } from '../../sql/seal.ts'
import { appendHead } from '../../sql/write/append.ts'
import { carryOut } from '../../sql/write/carry-out.ts'
import { Draft } from '../../sql/write/draft.ts'
import { together, type Steps } from '../../sql/steps.ts'
import type { BatchResult, Trouble, WriteAnswer, WriteRequest } from '../../sql/write/requests.ts'
import type { Committer, CommitterEvents } from '../../sql/write/serve-writer.ts'
import type { Transaction } from '../../sql/write/transaction.ts'
import { Connection } from '../connection.ts'
import { holds } from '../known-log.ts'
import { openPatiently } from '../open-patiently.ts'
import { prepareDatabase } from '../prepare.ts'
import { inTransaction, rollBack } from '../transaction.ts'
import { isBusy, postgresFaults } from './faults.ts'
import { beginProven, chainAt, finishWriting } from './group.ts'
import { InstanceJournal } from './instance-journal.ts'
import { followPutBack, hasBegunSince } from './put-back.ts'
import { followHistory } from './take-over.ts'

export interface PostgresCommitterOptions extends CommitterEvents {
  readonly url: string
  readonly journalDirectory: string
  readonly ringText: string
  readonly random: Random
}

/** A group takes on no more requests after it has held the counters for so long; what is left waits for the next one. */
const groupMs = 50

const notWritten = 'Nothing was changed: the database does not answer, or others hold it. Try again in a second.'
const fateUnknown = 'The database did not answer, and nobody knows whether this was written. Look before you try again.'
const notJournaled =
  'It was done, but the disk of the journal is full or failing, so restoring a backup could undo it. Try again later.'

/** What became of a transaction. */
type Fate = 'written' | 'not-written' | 'unknown'

/**
 * Writes for one instance to a database that others write to as well. Requests that wait are written as one group, in
 * one transaction; a refused one takes nothing of the others with it.
 */
export class PostgresCommitter implements Committer {
  readonly #options: PostgresCommitterOptions
  readonly #keys: Keys
  readonly #sealer: Sealer
  readonly #journal: InstanceJournal
  #connection: Connection | undefined
  /** Where the log ended when this instance wrote last, or took the database up. */
  #end: LogPlace | undefined
  /** Places that the log did not hold, by their chain, and that were seen to. */
  readonly #mended = new Set<string>()
  /** Set while the last attempt to write found no database that takes it. */
  #isBroken = false
  /** Set while the database is one that was put back, and nothing could be done about it. */
  #isPutBack = false

  private constructor(options: PostgresCommitterOptions) {
    const { ringText, journalDirectory, onDamaged, onFault } = options
    this.#options = options
    this.#keys = deriveKeys(KeyRing.parse(ringText))
    this.#sealer = new Sealer(this.#keys, onDamaged)
    this.#journal = InstanceJournal.open({
      directory: journalDirectory,
      keys: this.#keys,
      sealer: this.#sealer,
      onFault,
    })
  }

  /** @throws StorageError when the database or its journal cannot be used as they stand. */
  static async open(options: PostgresCommitterOptions): Promise<PostgresCommitter> {
    const opener = await openPatiently(options.url)
    try {
      const committer = new PostgresCommitter(options)
      await committer.#prepare(opener)
      return committer
    } finally {
      await opener.close()
    }
  }

  /** The end of the log, as this instance last left it. */
  get position(): Position {
    const { epoch = '', seq = 0 } = this.#end ?? {}
    return { epoch, seq }
  }

  async commit(requests: readonly WriteRequest[], known: readonly LogPlace[] = []): Promise<BatchResult> {
    const startedAt = performance.now()
    const connection = await this.#connect()
    const written =
      connection === undefined ? refuse(requests, notWritten) : await this.#write(connection, requests, known)
    return {
      ...written,
      reset: undefined,
      commitMs: performance.now() - startedAt,
      withheldFrom: this.#journal.withheldFrom,
      trouble: this.#trouble,
    }
  }

  async close(): Promise<void> {
    this.#journal.close()
    await this.#connection?.close()
  }

  /** What keeps this from writing, as far as it is known. */
  get #trouble(): Trouble | undefined {
    if (this.#isPutBack) return 'put-back'
    if (this.#isBroken) return 'database'
    return this.#journal.isBehind ? 'journal' : undefined
  }

  async #prepare(opener: Connection): Promise<void> {
    try {
      await opener.perform(prepareDatabase(this.#keys, newEpoch(this.#options.random)))
      await opener.atOneMoment(checkLogEnd(this.#sealer))
      await this.#takeUp(opener, [])
    } catch (error) {
      this.#journal.close()
      throw error
    }
  }

  /** The connection to write on; `undefined` when there is none to be had. */
  async #connect(): Promise<Connection | undefined> {
    if (this.#connection?.isOpen) return this.#connection
    let connection: Connection | undefined
    try {
      connection = await Connection.open(this.#options.url)
      await this.#takeUp(connection, [])
      this.#connection = connection
      return connection
    } catch (error) {
      connection?.destroy('it could not be taken up')
      this.#isBroken = true
      this.#options.onFault(`the database cannot be written: ${messageOf(error)}`)
      return undefined
    }
  }

  /**
   * Before anything is written: a log that is the one that is known here, a journal that lacks nothing, in the epoch of
   * this server's history. A log that was put back first gets an epoch of its own, in which nothing lives of what this
   * instance knows to have been revoked.
   * @param known what the log has to hold besides what was written here
   * @throws StorageError when that cannot be done.
   */
  async #takeUp(connection: Connection, known: readonly LogPlace[]): Promise<void> {
    const { random } = this.#options
    const mustHold = this.#mustHold(known)
    const isHeld = await connection.perform(holds(mustHold))
    if (!isHeld || (await connection.perform(this.#isReplayDue()))) {
      await this.#followPutBack(isHeld ? undefined : newEpoch(random))
      for (const { chain } of mustHold) this.#mended.add(chain)
    }
    await this.#journal.catchUp(connection)
    const parts = { sealer: this.#sealer, keys: this.#keys, newEpoch: newEpoch(random) }
    if (await connection.perform(followHistory(parts))) await this.#journal.catchUp(connection)
    this.#end = placeOf(await connection.perform(Draft.read()))
  }

  /** What the log has to hold: what was written here and what is known elsewhere, but for what was seen to already. */
  #mustHold(known: readonly LogPlace[]): readonly LogPlace[] {
    const places = this.#end === undefined ? known : [this.#end, ...known]
    return places.filter(({ chain }) => !this.#mended.has(chain))
  }

  /** Whether others have found the database put back, and this instance has not yet said what it knows. */
  *#isReplayDue(): Steps<boolean> {
    return yield* hasBegunSince(yield* readEpochs(), this.#journal.lines)
  }

  /** @param ownEpoch for the log to go on in; `undefined` where another instance has begun one */
  async #followPutBack(ownEpoch: string | undefined): Promise<void> {
    const { url, journalDirectory, onFault } = this.#options
    this.#isPutBack = true
    const opener = await openPatiently(url)
    try {
      const parts = { sealer: this.#sealer, keys: this.#keys, journal: this.#journal.lines, journalDirectory }
      const { epoch, replayed } = await opener.perform(followPutBack({ ...parts, newEpoch: ownEpoch }))
      this.#journal.follow(epoch)
      const count = Object.values(replayed).reduce((sum, some) => sum + some, 0)
      onFault(
        `the database was put back to an earlier state while instances ran: its log goes on in epoch ${epoch.epoch}, and of what was taken away since ${count} were taken away again from this journal`,
      )
    } finally {
      await opener.close()
    }
    this.#isPutBack = false
  }

  async #write(
    connection: Connection,
    requests: readonly WriteRequest[],
    known: readonly LogPlace[],
  ): Promise<Written> {
    if (!(await this.#makeReady(connection, requests, known))) return refuse(requests, notWritten)
    const ofJournal = new Map<WriteRequest, WriteAnswer>()
    for (const request of requests) {
      const isKept = await this.#carryOutInJournal(connection, request)
      if (isKept !== undefined) ofJournal.set(request, isKept ? done : { is: 'unavailable', message: notJournaled })
    }
    const others = requests.filter((request) => !ofJournal.has(request))
    const group = others.length === 0 ? nothingWritten : await this.#writeGroup(connection, others, known)
    const answerOf = (request: WriteRequest) => ofJournal.get(request) ?? group.answers[others.indexOf(request)]!
    return { ...group, answers: requests.map(answerOf) }
  }

  /** `undefined` for what is about the database; else whether the journal could be written. */
  async #carryOutInJournal(connection: Connection, request: WriteRequest): Promise<boolean | undefined> {
    if (request.do === 'catch-up-journal') return this.#journal.tryToCatchUp(connection)
    if (request.do === 'reseal-journal') return this.#journal.reseal()
    return undefined
  }

  /** Sees to what is left to do before anything is written. Answers whether it may be. */
  async #makeReady(
    connection: Connection,
    requests: readonly WriteRequest[],
    known: readonly LogPlace[],
  ): Promise<boolean> {
    const isOfJournal = requests.some((request) => request.do === 'catch-up-journal')
    try {
      // The journal is brought up only to the log that it belongs to.
      const isOther = isOfJournal && !(await connection.perform(this.#isKnown(known)))
      if (isOther || this.#journal.isBehind || this.#isPutBack) await this.#takeUp(connection, known)
      return true
    } catch (error) {
      this.#options.onFault(`nothing can be written: ${messageOf(error)}`)
      return false
    }
  }

  *#isKnown(known: readonly LogPlace[]): Steps<boolean> {
    const [draft, isHeld] = yield* together<unknown>([Draft.read(), holds(this.#mustHold(known))])
    return isHeld === true && (draft as Draft).epoch === this.#end?.epoch
  }

  async #writeGroup(
    connection: Connection,
    requests: readonly WriteRequest[],
    known: readonly LogPlace[],
  ): Promise<Written> {
    let draft: Draft
    let carried: readonly Carried[]
    try {
      const begun = await connection.perform(beginProven(this.#mustHold(known)))
      if (!begun.isHeld || begun.draft.epoch !== this.#end?.epoch) {
        await connection.perform(rollBack())
        await this.#takeUp(connection, known)
        return postpone(requests)
      }
      draft = begun.draft
      carried = await this.#carryOutAll(connection, draft, requests)
    } catch (error) {
      await connection.perform(rollBack())
      this.#isBroken = !isBusy(error)
      this.#options.onFault(`a commit failed: ${messageOf(error)}`)
      return isBusy(error) ? postpone(requests) : refuse(requests, notWritten)
    }
    const fate = await this.#finish(connection, draft)
    this.#isBroken = fate === 'unknown'
    if (fate === 'unknown') this.#journal.leaveBehind()
    if (fate !== 'written') return refuse(requests, fate === 'unknown' ? fateUnknown : notWritten)
    const committedAtNs = process.hrtime.bigint()
    this.#end = placeOf(draft)
    const isJournaled = await this.#journal.note(this.#connection ?? connection, draft)
    const answers = carried.map(({ answer, takes }): WriteAnswer =>
      takes && !isJournaled ? { is: 'unavailable', message: notJournaled } : answer,
    )
    return { answers, entries: draft.entries, wrote: this.#end, committedAtNs }
  }

  async #carryOutAll(connection: Connection, draft: Draft, requests: readonly WriteRequest[]): Promise<Carried[]> {
    const transaction = this.#transaction(draft)
    const lockedAt = performance.now()
    const carried: Carried[] = []
    for (const request of requests) {
      if (performance.now() - lockedAt > groupMs) {
        carried.push({ answer: { is: 'postponed' }, takes: false })
        continue
      }
      const takingCount = draft.takings.length
      const answer = await connection.perform(carryOut(transaction, request))
      carried.push({ answer, takes: draft.takings.length > takingCount })
    }
    return carried
  }

  async #finish(connection: Connection, draft: Draft): Promise<Fate> {
    const isInLog = draft.entries.length > 0
    try {
      await connection.perform(
        finishWriting(isInLog ? [draft.save(), appendHead(this.#transaction(draft), this.#keys)] : []),
      )
      return 'written'
    } catch (error) {
      this.#options.onFault(`a commit failed: ${messageOf(error)}`)
      return isInLog ? this.#learnFate(draft) : 'unknown'
    }
  }

  /**
   * Finds out what became of a commit that was not answered. Whoever gets the lock on the counters knows that the
   * transaction which held it has ended, and finds in the log what it left there.
   */
  async #learnFate(draft: Draft): Promise<Fate> {
    const connection = await this.#connect()
    if (connection === undefined) return 'unknown'
    try {
      const chain = await connection.perform(inTransaction(chainAt(draft.seq)))
      return chain === draft.chain ? 'written' : 'not-written'
    } catch (error) {
      this.#options.onFault(`the fate of a commit is unknown: ${messageOf(error)}`)
      return 'unknown'
    }
  }

  #transaction(draft: Draft): Transaction {
    return { sealer: this.#sealer, draft, journal: undefined, faults: postgresFaults }
  }
}

type Written = Pick<BatchResult, 'answers' | 'entries' | 'wrote' | 'committedAtNs'>

interface Carried {
  readonly answer: WriteAnswer
  /** Whether the answer says that something was taken away. */
  readonly takes: boolean
}

const done: WriteAnswer = { is: 'done', result: undefined }
const nothingWritten: Written = { answers: [], entries: [] as readonly LogEntry[] }

function refuse(requests: readonly WriteRequest[], message: string): Written {
  return { ...nothingWritten, answers: requests.map(() => ({ is: 'unavailable', message }) as const) }
}

/** Nothing was written because another instance held the counters: they get in line again, as long as anybody waits. */
function postpone(requests: readonly WriteRequest[]): Written {
  return { ...nothingWritten, answers: requests.map(() => ({ is: 'postponed' }) as const) }
}

function placeOf({ position, chain }: Draft): LogPlace {
  return { ...position, chain }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
