import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
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
import type { Row } from '../../sql/steps.ts'
import type { Connection } from '../connection.ts'
import { decodeEntry, decodeHead, entryColumns, entryTables } from '../../sql/tables/log-table.ts'
import { walk, type Condition } from './walk.ts'

/** Rows that are read in one go. Between two goes verifications are answered, at most about 2 ms late. */
const stepRowsMax = 100

/** Rows that one go looks through for the first and the last row of an export. */
const soughtRowsMax = 2_000

/** @param lastSeq the end of the log: a signed head stands there. */
export async function beginExport(
  connection: Connection,
  keys: Pick<Keys, 'sign'>,
  filters: LogFilters,
  at: EpochMs,
  lastSeq: number,
): Promise<LogExport> {
  const { from, until } = filters
  const fromSeq =
    from === undefined ? 1 : await firstWhere(connection, lastSeq, 'ASC', { sql: 'at >= ?', parameters: [from] })
  const untilSeq =
    until === undefined
      ? lastSeq
      : await firstWhere(connection, lastSeq, 'DESC', { sql: 'at < ?', parameters: [until] })
  const isEmpty = fromSeq === undefined || untilSeq === undefined || fromSeq > untilSeq
  const range = isEmpty ? { fromSeq: lastSeq + 1, untilSeq: lastSeq } : { fromSeq, untilSeq }
  const beginning: ExportBeginning = {
    at,
    filters,
    extent: {
      seq: range.fromSeq - 1,
      chain: chainAt(connection, range.fromSeq - 1),
      lastSeq: headBehind(connection, range.untilSeq),
    },
  }
  const signature = keys.sign(Buffer.from(beginningText(beginning)))
  return { beginning: { ...beginning, ...signature }, lines: readLines(connection, beginning, range.untilSeq) }
}

/** The first row, in this direction, of those up to the end that fits. Every one is asked: clocks may have gone back. */
async function firstWhere(
  connection: Connection,
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
  for await (const { serial } of walk(connection, list, soughtRowsMax)) return serial
  return undefined
}

function chainAt(connection: Connection, seq: number): string {
  if (seq === 0) return chainStart
  return String(connection.get('SELECT chain FROM changes WHERE seq = ?', seq)?.chain ?? '')
}

/** Without the head behind its last row the end of an export could not be checked. */
function headBehind(connection: Connection, seq: number): number {
  const row = connection.get('SELECT min(seq) AS seq FROM heads WHERE seq >= ?', seq)
  return Number(row?.seq ?? seq)
}

async function* readLines(
  connection: Connection,
  { filters, extent }: ExportBeginning,
  untilSeq: number,
): AsyncGenerator<ExportLine> {
  const isShown = (entry: LogEntry): boolean => beginsEpoch(entry) || (entry.seq <= untilSeq && fits(entry, filters))
  for (let from = extent.seq + 1; from <= extent.lastSeq; from += stepRowsMax) {
    const last = Math.min(extent.lastSeq, from + stepRowsMax - 1)
    const heads = new Map(readHeads(connection, from, last).map((head) => [head.seq, head]))
    for (const change of readRows(connection, from, last)) {
      yield lineOf(change, isShown)
      const head = heads.get(change.seq)
      if (head !== undefined) yield { head: decodeHead(head) }
    }
    await setImmediate()
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

function readRows(connection: Connection, fromSeq: number, lastSeq: number): Row[] {
  return connection.all(
    `SELECT ${entryColumns}, chain FROM ${entryTables} WHERE seq BETWEEN ? AND ? ORDER BY seq`,
    fromSeq,
    lastSeq,
  )
}

function readHeads(connection: Connection, fromSeq: number, lastSeq: number): Row[] {
  return connection.all(
    `SELECT heads.seq, epochs.epoch, chain, key_id, signature FROM heads JOIN epochs ON epochs.serial = heads.epoch_serial
     WHERE seq BETWEEN ? AND ?`,
    fromSeq,
    lastSeq,
  )
}
