import type { Position } from '@chatelaine/core'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { Connection } from '../connection.ts'
import { catchUpJournal } from '../journal-catch-up.ts'
import { Journal, type Taking } from '../journal.ts'
import { Sealer, type DamagedRow } from '../seal.ts'
import { appendHead } from './append.ts'
import { carryOut } from './carry-out.ts'
import { Draft, WriterReplaced } from './draft.ts'
import { prepareDatabase, raiseWriterEpoch } from './prepare.ts'
import type { BatchResult, WriteAnswer, WriteRequest } from './requests.ts'

export interface CommitterOptions {
  readonly file: string
  /** `undefined` while a restore prepares a database that is not in its place yet. */
  readonly journalDirectory: string | undefined
  readonly ringText: string
  /** For a database that has no epoch yet. */
  readonly newEpoch: string
  readonly onDamaged: (row: DamagedRow) => void
  readonly onFault: (message: string) => void
}

const notWritten = 'Nothing was changed: the disk of this server is full or failing. Try again later.'
const fateUnknown = 'The disk failed, and it is not known whether this was written. Look before you try again.'
const notJournaled =
  'It was done, but the disk of the journal is full or failing, so restoring a backup could undo it. Try again later.'

/**
 * The one writer of a database. Requests that arrive together are written in one transaction with one flush to the
 * disk; a refused one takes nothing of the others with it.
 */
export class GroupCommitter {
  readonly #options: CommitterOptions
  readonly #keys: Keys
  readonly #sealer: Sealer
  readonly #journal: Journal | undefined
  #connection: Connection
  #writerEpoch: number
  #position: Position
  /** Set while it is unknown whether the connection can write: the disk failed, and opening it anew did so too. */
  #isBroken = false
  /** Committed, but not yet in the journal, whose disk failed. */
  #unjournaled: readonly Taking[] = []

  /** @throws StorageError, and whatever opening the file throws. */
  constructor(options: CommitterOptions) {
    this.#options = options
    this.#keys = deriveKeys(KeyRing.parse(options.ringText))
    this.#sealer = new Sealer(this.#keys, options.onDamaged)
    this.#connection = Connection.openWriter(options.file)
    try {
      prepareDatabase(this.#connection, this.#keys, options.newEpoch)
      this.#journal = this.#openJournal()
      this.#writerEpoch = raiseWriterEpoch(this.#connection)
      this.#position = Draft.read(this.#connection, this.#writerEpoch).position
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
    if (!isReady) return allUnavailable(requests, notWritten, reset)
    let draft: Draft | undefined
    let carried: readonly Carried[] = []
    let committedAtNs: bigint | undefined
    try {
      this.#connection.exec('BEGIN IMMEDIATE')
      draft = Draft.read(this.#connection, this.#writerEpoch)
      carried = this.#carryOutAll(draft, requests)
      this.#connection.exec('COMMIT')
      committedAtNs = process.hrtime.bigint()
      this.#position = draft.position
    } catch (error) {
      if (error instanceof WriterReplaced) throw error
      this.#options.onFault(`a commit failed: ${messageOf(error)}`)
      const fate = this.#settle(draft)
      if (fate === 'unknown') return allUnavailable(requests, fateUnknown, this.#position)
      if (fate === 'not-written') return allUnavailable(requests, notWritten, reset)
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
    }
  }

  close(): void {
    this.#journal?.close()
    this.#connection.close()
  }

  #openJournal(): Journal | undefined {
    const { journalDirectory, onFault } = this.#options
    if (journalDirectory === undefined) return undefined
    const journal = Journal.open(journalDirectory, this.#keys, (line) =>
      onFault(`line ${line} from the end of the journal is not what was written there`),
    )
    try {
      catchUpJournal({ connection: this.#connection, sealer: this.#sealer }, journal)
      return journal
    } catch (error) {
      journal.close()
      throw error
    }
  }

  #carryOutAll(draft: Draft, requests: readonly WriteRequest[]): readonly Carried[] {
    const transaction = { connection: this.#connection, sealer: this.#sealer, draft, journal: this.#journal }
    const carried = requests.map((request) => {
      const takingCount = draft.takings.length
      const answer = carryOut(transaction, request)
      return { answer, takes: draft.takings.length > takingCount }
    })
    if (draft.entries.length > 0) {
      draft.save(this.#connection)
      appendHead(transaction, this.#keys)
    }
    return carried
  }

  /** After trouble, and before anything else is written: a sound connection, and a journal that lacks nothing. */
  #makeReady(): boolean {
    try {
      if (this.#isBroken) this.#reopen()
      this.#journal?.append(this.#unjournaled)
      this.#unjournaled = []
      return true
    } catch (error) {
      this.#options.onFault(`the disk still fails: ${messageOf(error)}`)
      return false
    }
  }

  /** Finds out what became of a commit that failed, by committing something else on a new connection. */
  #settle(draft: Draft | undefined): 'written' | 'not-written' | 'unknown' {
    try {
      this.#reopen()
    } catch (error) {
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
    this.#writerEpoch = raiseWriterEpoch(this.#connection)
    this.#position = Draft.read(this.#connection, this.#writerEpoch).position
    this.#isBroken = false
  }

  #writeJournal(takings: readonly Taking[]): boolean {
    if (takings.length === 0) return true
    try {
      this.#journal?.append(takings)
      return true
    } catch (error) {
      this.#unjournaled = takings
      this.#options.onFault(`the journal cannot be written: ${messageOf(error)}`)
      return false
    }
  }
}

interface Carried {
  readonly answer: WriteAnswer
  /** Whether the answer says that something was taken away. */
  readonly takes: boolean
}

function allUnavailable(requests: readonly WriteRequest[], message: string, reset: Position | undefined): BatchResult {
  return { answers: requests.map(() => ({ is: 'unavailable', message })), reset, entries: [], commitMs: 0 }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
