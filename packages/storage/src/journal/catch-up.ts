import {
  accountStateOf,
  projectStateOf,
  tokenStateOf,
  type AccountId,
  type Position,
  type ProjectId,
  type Subject,
  type TakenState,
  type TokenId,
} from '@chatelaine/core'
import type { Journal, Taking } from './journal.ts'
import { putBack, tookOver } from './restored.ts'
import { howToPutBack, StorageError } from '../storage-error.ts'
import type { Sealer } from '../sql/seal.ts'
import { all, get, together, type Row, type Steps } from '../sql/steps.ts'
import { findAccount, findProject, findToken } from '../sql/tables/find.ts'
import { decodeEntry, entryColumns, entryTables } from '../sql/tables/log-table.ts'

/** Lines that are appended and flushed together. */
const linesAtOnceMax = 1_000

/** Subjects whose state is asked for together, so that the last of them is not late. */
const statesAtOnceMax = 64

export interface Epoch {
  readonly epoch: string
  /** Its entries come after this one, up to and including `lastSeq`. */
  readonly afterSeq: number
  readonly lastSeq: number
}

/**
 * Brings the journal up to the database: after a crash between a commit and its lines, after a restore, for what other
 * instances wrote, and for a journal that is new. The state of a subject is taken as it is now: what it has been given
 * back since is its own.
 * @returns the end of the log, up to which the journal now lacks nothing
 * @throws StorageError `older-than-journal`: the database is a copy that somebody put back by hand, or a server took
 *   over that had not received all.
 */
export function* catchUpJournal(sealer: Sealer, journal: Journal): Steps<Position> {
  const epochs = yield* readEpochs()
  const current = epochs.at(-1)!
  const journaled = journal.position
  const place = epochs.findIndex(({ epoch }) => epoch === journaled?.epoch)
  if (journaled !== undefined && (yield* isBehind(epochs, place, journal))) {
    throw new StorageError(
      'older-than-journal',
      `The database is older than its journal, or the end of its log was cut off, so tokens that were revoked since would live again. To have the journal replayed, ${howToPutBack}.`,
    )
  }
  for (const [index, epoch] of epochs.entries()) {
    if (index < place) continue
    if (index !== place) journal.beginEpoch({ epoch: epoch.epoch, seq: epoch.afterSeq })
    yield* appendTakings(sealer, journal, epoch, index === place ? journaled!.seq : epoch.afterSeq)
  }
  return { epoch: current.epoch, seq: current.lastSeq }
}

/** Whether the journal knows what the database does not. */
function* isBehind(epochs: readonly Epoch[], place: number, journal: Journal): Steps<boolean> {
  const { seq } = journal.position!
  const epoch = epochs[place]
  if (place === epochs.length - 1) return seq > epochs[place]!.lastSeq
  if (journal.hasEpoch(epochs.at(-1)!.epoch)) return true
  if (epoch === undefined) return false
  // What a restore began has been given what its journal knew. A server that took over knew of none; and where running
  // instances found the database put back, each takes away again what its own journal knows.
  const next = yield* get(`SELECT ${entryColumns} FROM ${entryTables} WHERE seq = ?`, epoch.lastSeq + 1)
  const because = next && decodeEntry(next).details['because']
  return because === putBack || (because === tookOver && seq > epoch.lastSeq)
}

function* appendTakings(sealer: Sealer, journal: Journal, { lastSeq }: Epoch, afterSeq: number): Steps<void> {
  for (let after: number | undefined = afterSeq; after !== undefined;) {
    const rows: readonly Row[] = yield* all(
      `SELECT ${entryColumns} FROM ${entryTables}
       WHERE seq > ? AND seq <= ? AND effect = 'takes' ORDER BY seq LIMIT ${linesAtOnceMax}`,
      after,
      lastSeq,
    )
    const takings: Taking[] = []
    for (let first = 0; first < rows.length; first += statesAtOnceMax) {
      const some = rows.slice(first, first + statesAtOnceMax)
      const found = yield* together(some.map((row) => takingOf(sealer, row)))
      takings.push(...found.filter((taking) => taking !== undefined))
    }
    journal.append(takings)
    after = rows.length < linesAtOnceMax ? undefined : Number(rows.at(-1)?.seq)
  }
}

function* takingOf(sealer: Sealer, row: Row): Steps<Taking | undefined> {
  const { epoch, seq, at, subject } = decodeEntry(row)
  const state = yield* stateOf(sealer, subject)
  return state && { epoch, seq, at, subject, state }
}

/** `undefined` for subjects without a state, and for those that are gone. */
function* stateOf(sealer: Sealer, { type, id }: Subject): Steps<TakenState | undefined> {
  if (type === 'token') {
    const token = yield* findToken(sealer, id as TokenId)
    return token && tokenStateOf(token)
  }
  if (type === 'project') {
    const project = yield* findProject(sealer, id as ProjectId)
    return project && projectStateOf(project)
  }
  if (type !== 'account') return undefined
  const account = yield* findAccount(sealer, id as AccountId)
  return account && accountStateOf(account)
}

/** The epochs of the log, the current one last. */
export function* readEpochs(): Steps<Epoch[]> {
  const rows = yield* all('SELECT epoch, after_seq, (SELECT seq FROM counters) AS end_seq FROM epochs ORDER BY serial')
  return rows.map((row, index) => ({
    epoch: String(row.epoch),
    afterSeq: Number(row.after_seq),
    lastSeq: Number(rows[index + 1]?.after_seq ?? row.end_seq),
  }))
}
