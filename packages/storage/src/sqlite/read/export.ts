import { hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { chainStart, entryHash, type ExportLine, type ExportStart, type LogEntry } from '@chatelaine/core'
import type { Connection, Row } from '../connection.ts'
import { decodeEntry, decodeHead, entryColumns, entryTables } from '../tables/log-table.ts'

/** Rows that are read in one go. */
const stepRowsMax = 500

/** The chain before the first row of an export that begins with this entry. */
export function readExportStart(connection: Connection, fromSeq: number): ExportStart {
  if (fromSeq <= 1) return { seq: 0, chain: chainStart }
  const row = connection.get('SELECT chain FROM changes WHERE seq = ?', fromSeq - 1)
  return { seq: fromSeq - 1, chain: String(row?.chain ?? '') }
}

/**
 * The lines of an export, for `verifyExport`. Of a row that is not kept only the hash is given. The export goes on, with
 * hashes alone, to the signed head behind `untilSeq`, without which its end could not be checked.
 */
export async function* readExport(
  connection: Connection,
  fromSeq: number,
  untilSeq: number,
  keep: (entry: LogEntry) => boolean,
): AsyncGenerator<ExportLine> {
  const row = connection.get('SELECT min(seq) AS seq FROM heads WHERE seq >= ?', untilSeq)
  const endSeq = Number(row?.seq ?? untilSeq)
  const isShown = (entry: LogEntry): boolean => beginsEpoch(entry) || (entry.seq <= untilSeq && keep(entry))
  for (let from = fromSeq; from <= endSeq; from += stepRowsMax) {
    const lastSeq = Math.min(endSeq, from + stepRowsMax - 1)
    const heads = new Map(readHeads(connection, from, lastSeq).map((head) => [head.seq, head]))
    for (const change of readRows(connection, from, lastSeq)) {
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
