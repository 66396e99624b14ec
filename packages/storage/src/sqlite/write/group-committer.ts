import type { Position } from '@chatelaine/core'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { Connection } from '../connection.ts'
import { isDamage, isOutage } from '../sqlite-fault.ts'
import type { Faults, Transaction } from '../../sql/write/transaction.ts'
import { catchUpJournal } from '../../journal/catch-up.ts'
import { Journal, type Taking } from '../../journal/journal.ts'
import { checkLogEnd } from '../../sql/log-end.ts'
import { Sealer } from '../../sql/seal.ts'
import { appendHead } from '../../sql/write/append.ts'
import { carryOut } from '../../sql/write/carry-out.ts'
import type { Committer, CommitterEvents } from '../../sql/write/serve-writer.ts'
import { Draft, WriterReplaced } from '../../sql/write/draft.ts'
import { prepareDatabase, raiseWriterEpoch } from './prepare.ts'
import { howToPutBack, StorageError } from '../../storage-error.ts'
import type { BatchResult, Trouble, WriteAnswer, WriteRequest } from '../../sql/write/requests.ts'

export interface CommitterOptions extends CommitterEvents {
  readonly file: string
  /** `undefined` while a restore prepares a database that is not in its place yet. */
  readonly journalDirectory: string | undefined
  readonly ringText: string
  /** For a database that has no epoch yet. */
  readonly newEpoch: string
}

/** At the latest after so many changes the journal has a line, though nothing was taken away. */
const changesPerMark = 1_000

const notWritten = 'Nothing was changed: the disk of this server is full or failing. Try again later.'
const fateUnknown = 'The disk failed, and it is not known whether this was written. Look before you try again.'
const notJournaled =
  'It was done, but the disk of the journal is full or failing, so restoring a backup could undo it. Try again later.'

/**
 * The one writer of a database. Requests that arrive together are written in one transaction with one flush to the
 * disk; a refused one takes nothing of the others with it.
 */
export class GroupCommitter implements Committer {
  readonly #options: CommitterOptions
  readonly #keys: Keys
  readonly #sealer: Sealer
  readonly #journal: Journal | undefined
  #connection: Connection
  #writerEpoch: number
  #position: Position
  /** The chain of the log there. Nobody else writes, so that it stands in the database as it was left. */
  #chain: string
  /** Set while it is unknown whether the connection can write: the disk failed, and opening it anew did so too. */
  #isBroken = false
  /** Set while the journal may lack what was committed: its disk failed, or the database had to be opened anew. */
  #isJournalBehind = false
  /** Up to here everything that was taken away is in the journal. */
  #journaledSeq: number

  /** @throws StorageError, and whatever opening the file throws. */
  constructor(options: CommitterOptions) {
    this.#options = options
    this.#keys = deriveKeys(KeyRing.parse(options.ringText))
    this.#sealer = new Sealer(this.#keys, options.onDamaged)
    this.#connection = Connection.openWriter(options.file)
    try {
      prepareDatabase(this.#connection, this.#keys, options.newEpoch)
      this.#connection.perform(checkLogEnd(this.#sealer))
      this.#journal = this.#openJournal()
      this.#writerEpoch = raiseWriterEpoch(this.#connection)
      const { position, chain } = this.#connection.perform(Draft.read(this.#writerEpoch))
      this.#position = position
      this.#chain = chain
      this.#journaledSeq = this.#position.seq
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  /** The end of the log. */
  get position(): Position {
    return this.#position
  }

  /**
   * Writes what can be written and answers every request.
   * @throws WriterReplaced when there is a later writer; this one must end.
   */
  commit(requests: readonly WriteRequest[]): BatchResult {
    const startedAt = performance.now()
    const wasBroken = this.#isBroken
    const isReady = this.#makeReady()
    const reset = wasBroken && !this.#isBroken ? this.#position : undefined
    if (!isReady) return this.#refuseAll(requests, notWritten, reset, this.#trouble)
    let draft: Draft | undefined
    let carried: readonly Carried[] = []
    let committedAtNs: bigint | undefined
    try {
      this.#connection.exec('BEGIN IMMEDIATE')
      draft = this.#connection.perform(Draft.read(this.#writerEpoch))
      if (draft.seq !== this.#position.seq || draft.chain !== this.#chain) throw putBackMeanwhile()
      carried = this.#carryOutAll(draft, requests)
      this.#connection.exec('COMMIT')
      committedAtNs = process.hrtime.bigint()
      this.#position = draft.position
      this.#chain = draft.chain
    } catch (error) {
      if (error instanceof WriterReplaced || error instanceof StorageError) throw error
      this.#options.onFault(`a commit failed: ${messageOf(error)}`)
      const fate = this.#settle(draft)
      if (fate === 'unknown') return this.#refuseAll(requests, fateUnknown, this.#position, this.#trouble)
      if (fate === 'not-written') {
        this.#writeJournal([])
        return this.#refuseAll(requests, notWritten, reset, this.#trouble ?? 'database')
      }
    }
    const isJournaled = this.#writeJournal(draft?.takings ?? [])
    return {
      answers: carried.map(({ answer, takes }) =>
        takes && !isJournaled ? { is: 'unavailable', message: notJournaled } : answer,
      ),
      reset,
      entries: draft?.entries ?? [],
      committedAtNs,
      commitMs: performance.now() - startedAt,
      withheldFrom: this.#withheldFrom,
      trouble: this.#trouble,
    }
  }

  close(): void {
    // So that a database which somebody cuts off or replaces while nothing runs is found out at the next start.
    if (this.#trouble === undefined) this.#writeJournal([], 1)
    this.#journal?.close()
    this.#connection.close()
  }

  /** What keeps this from writing, as far as it is known. */
  get #trouble(): Trouble | undefined {
    if (this.#isBroken) return 'database'
    return this.#isJournalBehind ? 'journal' : undefined
  }

  /** From here on nobody may be told that something was taken away: restoring a backup could still undo it. */
  get #withheldFrom(): number | undefined {
    return this.#trouble === undefined ? undefined : this.#journaledSeq + 1
  }

  #refuseAll(
    requests: readonly WriteRequest[],
    message: string,
    reset: Position | undefined,
    trouble: Trouble | undefined,
  ): BatchResult {
    const answers = requests.map(() => ({ is: 'unavailable', message }) as const)
    return { answers, reset, entries: [], commitMs: 0, withheldFrom: this.#withheldFrom, trouble }
  }

  #openJournal(): Journal | undefined {
    const { journalDirectory, onFault } = this.#options
    if (journalDirectory === undefined) return undefined
    const journal = Journal.open(journalDirectory, this.#keys, (line) =>
      onFault(`line ${line} from the end of the journal is not what was written there`),
    )
    try {
      this.#connection.perform(catchUpJournal(this.#sealer, journal))
      return journal
    } catch (error) {
      journal.close()
      throw error
    }
  }

  #carryOutAll(draft: Draft, requests: readonly WriteRequest[]): readonly Carried[] {
    const connection = this.#connection
    const faults: Faults = { isDamage, endsTransaction: (error) => isOutage(error) || !connection.isTransaction }
    const transaction: Transaction = { sealer: this.#sealer, draft, journal: this.#journal, faults }
    const carried = requests.map((request) => {
      const takingCount = draft.takings.length
      const answer = connection.perform(carryOut(transaction, request))
      return { answer, takes: draft.takings.length > takingCount }
    })
    if (draft.entries.length > 0) {
      connection.perform(draft.save())
      connection.perform(appendHead(transaction, this.#keys))
    }
    return carried
  }

  /** After trouble, and before anything else is written: a sound connection, and a journal that lacks nothing. */
  #makeReady(): boolean {
    try {
      if (this.#isBroken) this.#reopen()
      if (this.#isJournalBehind) this.#catchUp()
      return true
    } catch (error) {
      if (error instanceof WriterReplaced) throw error
      this.#options.onFault(`the disk still fails: ${messageOf(error)}`)
      return false
    }
  }

  /** Finds out what became of a commit that failed, by committing something else on a new connection. */
  #settle(draft: Draft | undefined): 'written' | 'not-written' | 'unknown' {
    try {
      this.#reopen()
    } catch (error) {
      if (error instanceof WriterReplaced) throw error
      this.#isBroken = true
      this.#options.onFault(`the database cannot be opened anew: ${messageOf(error)}`)
      return 'unknown'
    }
    const { epoch, seq } = this.#position
    const isWritten = draft !== undefined && draft.entries.length > 0 && draft.epoch === epoch && draft.seq === seq
    return isWritten ? 'written' : 'not-written'
  }

  #reopen(): void {
    this.#isBroken = true
    try {
      this.#connection.close()
    } catch {
      // It was closed by an earlier attempt that got no further.
    }
    this.#connection = Connection.openWriter(this.#options.file)
    this.#writerEpoch = raiseWriterEpoch(this.#connection, this.#writerEpoch)
    // What a commit left behind whose fate was unknown has no lines yet.
    this.#isJournalBehind = this.#journal !== undefined
    const { position, chain } = this.#connection.perform(Draft.read(this.#writerEpoch))
    if (position.seq < this.#position.seq) throw putBackMeanwhile()
    this.#position = position
    this.#chain = chain
    this.#isBroken = false
  }

  /**
   * Answers whether the journal lacks nothing.
   * @param unmarkedMax how far the log may come without a line
   */
  #writeJournal(takings: readonly Taking[], unmarkedMax = changesPerMark): boolean {
    try {
      if (this.#isJournalBehind) this.#catchUp()
      else this.#journal?.append(takings)
      if (this.#unmarked >= unmarkedMax) this.#journal?.markReached(this.#position)
      this.#journaledSeq = this.#position.seq
      return true
    } catch (error) {
      this.#isJournalBehind = true
      this.#options.onFault(`the journal cannot be written: ${messageOf(error)}`)
      return false
    }
  }

  /** Entries of the log behind the last line of the journal. */
  get #unmarked(): number {
    return this.#position.seq - (this.#journal?.position?.seq ?? this.#position.seq)
  }

  #catchUp(): void {
    if (this.#journal !== undefined) this.#connection.perform(catchUpJournal(this.#sealer, this.#journal))
    this.#isJournalBehind = false
    this.#journaledSeq = this.#position.seq
  }
}

interface Carried {
  readonly answer: WriteAnswer
  /** Whether the answer says that something was taken away. */
  readonly takes: boolean
}

function putBackMeanwhile(): StorageError {
  return new StorageError(
    'older-than-journal',
    `The database was put back to an earlier state, or altered, while the server ran, so nothing is written to it. Stop the server, and ${howToPutBack}.`,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
