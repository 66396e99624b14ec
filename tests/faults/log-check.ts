import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { verifyExport, type ExportVerdict, type LogEntry } from '@chatelaine/core'
import { openSqlite } from '@chatelaine/storage/sqlite'
import { verifySignature } from '@chatelaine/token/keys'
import { placesIn } from './running-server.ts'

export interface CheckedLog {
  readonly verdict: ExportVerdict
  readonly entries: readonly LogEntry[]
}

/** Exports the whole log of a server that has stopped, and checks the export as somebody would who has only that. */
export async function readLog(directory: string): Promise<CheckedLog> {
  const { data, journal, masterKey } = placesIn(directory)
  const storage = await openSqlite({
    directory: data,
    journalDirectory: journal,
    ringText: readFileSync(masterKey, 'utf8'),
    random: (count) => randomBytes(count),
    onDamaged: () => {},
    onFault: (fault) => assert.fail(fault),
  })
  try {
    const exported = await storage.log.export({}, 0)
    const lines = await Array.fromAsync(exported.lines)
    const publicKeys = new Map((await storage.log.auditKeys()).map(({ keyId, publicKey }) => [keyId, publicKey]))
    const verdict = verifyExport(
      exported.beginning.extent,
      lines,
      (text) => hash('sha256', text),
      (keyId, text, signature) => verifySignature(publicKeys.get(keyId) ?? '', Buffer.from(text), signature),
    )
    return { verdict, entries: lines.flatMap((line) => ('entry' in line ? [line.entry] : [])) }
  } finally {
    await storage.close()
  }
}

/** The log of a server that has stopped, whole: every row in its place, and every head signed. */
export async function readIntactLog(directory: string): Promise<readonly LogEntry[]> {
  const { verdict, entries } = await readLog(directory)
  assert.deepEqual(verdict, { intact: true, rows: entries.length, lastSeq: entries.length })
  return entries
}
