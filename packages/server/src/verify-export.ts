import { hash } from 'node:crypto'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { read, schemas } from '@chatelaine/api'
import { verifyExportText, type ExportReport } from '@chatelaine/core'
import { readLines } from '@chatelaine/storage/sqlite'
import { verifySignature } from '@chatelaine/token/keys'
import { OperatorError } from './operator-error.ts'

/** Why an export is not what the deployment wrote, in words for whoever checks it. */
const faults: Record<Extract<ExportReport, { intact: false }>['fault'], (seq: number) => string> = {
  beginning: () => 'its first line is no beginning that one of these keys signed',
  altered: (seq) => `row ${seq} was altered`,
  unreadable: (seq) => `where row ${seq} belongs stands something else`,
  missing: (seq) => `row ${seq} is gone, or was moved`,
  'out-of-order': (seq) => `row ${seq} comes twice, too late, or behind the end`,
  signature: (seq) => `the signature behind row ${seq} does not fit what stands before it, or is by none of these keys`,
  unsigned: (seq) => `the rows from ${seq} on are not signed`,
}

/**
 * Checks an export of the audit log in a file, however large, against a file with what
 * `/.well-known/chatelaine-audit-key` answered. It needs neither the server nor its data.
 * @throws OperatorError where the second file holds no keys; the system's own error for a file that cannot be read.
 */
export function verifyExportFile(exportFile: string, keysFile: string): ExportReport {
  const publicKeys = readKeys(keysFile)
  const descriptor = openSync(exportFile, 'r')
  try {
    return verifyExportText(
      readLines(descriptor),
      (text) => hash('sha256', text),
      (keyId, text, signature) => verifySignature(publicKeys.get(keyId) ?? '', Buffer.from(text), signature),
    )
  } finally {
    closeSync(descriptor)
  }
}

/** What is wrong with an export, as one clause. */
export function describeFault({ seq, fault }: Extract<ExportReport, { intact: false }>): string {
  return faults[fault](seq)
}

function readKeys(file: string): ReadonlyMap<string, string> {
  const reading = read(schemas.AuditKeys, parse(readFileSync(file, 'utf8')))
  if (reading.ok) return new Map(reading.value.keys.map(({ key_id, public_key }) => [key_id, public_key]))
  const hint = 'save what the server answers under /.well-known/chatelaine-audit-key, and keep it apart from exports'
  throw new OperatorError(`${file} holds no audit keys`, hint)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
