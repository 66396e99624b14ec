import { hash } from 'node:crypto'
import {
  beginningText,
  chainStart,
  entryHash,
  type EpochMs,
  type ExportBeginning,
  type ExportLine,
  type LogEntry,
  type LogExport,
  type LogFilters,
} from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { all, get, together, type Row, type Steps } from '../steps.ts'
import { decodeEntry, decodeHead, entryColumns, entryTables } from '../tables/log-table.ts'
import type { Reads } from './reads.ts'
import { walk, type Condition } from './walk.ts'

/** Rows that are read in one go. Between two goes verifications are answered, at most about 2 ms late. */
const stepRowsMax = 100

/** Rows that one go looks through for the first and the last row of an export. */
const soughtRowsMax = 2_000

export async function beginExport(
  reads: Reads,
  keys: Pick<Keys, 'sign'>,
  filters: LogFilters,
  at: EpochMs,
): Promise<LogExport> {
  const { from, until } = filters
  const lastSeq = await reads.read(findEnd())
  const fromSeq =
    from === undefined ? 1 : await firstWhere(reads, lastSeq, 'ASC', { sql: 'at >= ?', parameters: [from] })
  const untilSeq =
    until === undefined ? lastSeq : await firstWhere(reads, lastSeq, 'DESC', { sql: 'at < ?', parameters: [until] })
  const isEmpty = fromSeq === undefined || untilSeq === undefined || fromSeq > untilSeq
  const range = isEmpty ? { fromSeq: lastSeq + 1, untilSeq: lastSeq } : { fromSeq, untilSeq }
  const beginning: ExportBeginning = {
    at,
    filters,
    extent: {
      seq: range.fromSeq - 1,
      chain: await reads.read(chainAt(range.fromSeq - 1)),
      lastSeq: await reads.read(headBehind(range.untilSeq)),
    },
  }
  const signature = keys.sign(Buffer.from(beginningText(beginning)))
  return { beginning: { ...beginning, ...signature }, lines: readLines(reads, beginning, range.untilSeq) }
}

/** The first row, in this direction, of those up to the end that fits. Every one is asked: clocks may have gone back. */
async function firstWhere(
  reads: Reads,
  lastSeq: number,
  direction: 'ASC' | 'DESC',
  condition: Condition,
): Promise<number | undefined> {
  const list = {
    table: 'changes',
    sortedBy: undefined,
    serial: 'seq',
    descending: direction === 'DESC',
    after: undefined,
    within: [{ sql: 'seq <= ?', parameters: [lastSeq] }],
    filters: [condition],
  }
  for await (const { serial } of walk(reads, list, soughtRowsMax)) return serial
  return undefined
}

/** Every commit ends with a signed head, and so does the log. */
function* findEnd(): Steps<number> {
  return Number((yield* get('SELECT seq FROM counters'))?.seq ?? 0)
}

function* chainAt(seq: number): Steps<string> {
  if (seq === 0) return chainStart
  return String((yield* get('SELECT chain FROM changes WHERE seq = ?', seq))?.chain ?? '')
}

/** Without the head behind its last row the end of an export could not be checked. */
function* headBehind(seq: number): Steps<number> {
  const row = yield* get('SELECT min(seq) AS seq FROM heads WHERE seq >= ?', seq)
  return Number(row?.seq ?? seq)
}

async function* readLines(
  reads: Reads,
  { filters, extent }: ExportBeginning,
  untilSeq: number,
): AsyncGenerator<ExportLine> {
  const isShown = (entry: LogEntry): boolean => beginsEpoch(entry) || (entry.seq <= untilSeq && fits(entry, filters))
  for (let from = extent.seq + 1; from <= extent.lastSeq; from += stepRowsMax) {
    const last = Math.min(extent.lastSeq, from + stepRowsMax - 1)
    const [changes = [], ended = []] = await reads.read(together([readRows(from, last), readHeads(from, last)]))
    const heads = new Map(ended.map((head) => [head.seq, head]))
    for (const change of changes) {
      yield lineOf(change, isShown)
      const head = heads.get(change.seq)
      if (head !== undefined) yield { head: decodeHead(head) }
    }
    await reads.pause()
  }
}

/** Always shown: the heads behind it are of another epoch, and a reader must learn from which row on. */
function beginsEpoch({ action }: LogEntry): boolean {
  return action === 'deployment.restored'
}

function fits(
  { actor, subject, ...entry }: LogEntry,
  { actorId, subjectId, action, from, until }: LogFilters,
): boolean {
  return (
    (actorId === undefined || actor.accountId === actorId || actor.tokenId === actorId) &&
    (subjectId === undefined || subject.id === subjectId) &&
    (action === undefined || entry.action === action) &&
    (from === undefined || entry.at >= from) &&
    (until === undefined || entry.at < until)
  )
}

function lineOf(row: Row, isShown: (entry: LogEntry) => boolean): ExportLine {
  const entry = decodeEntry(row)
  const chain = String(row.chain)
  if (isShown(entry)) return { entry, chain }
  return { omitted: { seq: entry.seq, hash: entryHash(entry, (text) => hash('sha256', text)) }, chain }
}

function readRows(fromSeq: number, lastSeq: number): Steps<readonly Row[]> {
  return all(
    `SELECT ${entryColumns}, chain FROM ${entryTables} WHERE seq BETWEEN ? AND ? ORDER BY seq`,
    fromSeq,
    lastSeq,
  )
}

function readHeads(fromSeq: number, lastSeq: number): Steps<readonly Row[]> {
  return all(
    `SELECT heads.seq, epochs.epoch, chain, key_id, signature FROM heads JOIN epochs ON epochs.serial = heads.epoch_serial
     WHERE seq BETWEEN ? AND ?`,
    fromSeq,
    lastSeq,
  )
}
