import {
  verifyExport,
  type ExportExtent,
  type ExportFault,
  type ExportLine,
  type Sha256,
  type VerifySignature,
} from './chain.ts'
import { formatPosition } from './change.ts'
import { entryJson, readEntryJson, readPosition } from './entry-json.ts'
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../domain/json.ts'
import type { LogFilters } from '../ports.ts'
import { formatInstant, type EpochMs } from '../domain/time.ts'

// An export as a text: its signed beginning, then rows and heads, each a line of JSON in its one spelling.

/** What an export says of itself, so that nobody can shorten it unseen. */
export interface ExportBeginning {
  /** When it was made. */
  readonly at: EpochMs
  /** What was asked for: rows in between that these filters leave out are there by their bare hash. */
  readonly filters: LogFilters
  readonly extent: Required<ExportExtent>
}

export interface SignedBeginning extends ExportBeginning {
  readonly keyId: string
  /** Ed25519 (RFC 8032) over `beginningText`, base64. */
  readonly signature: string
}

const format = 'chatelaine-audit/1'

/** What is signed of a beginning. */
export function beginningText(beginning: ExportBeginning): string {
  return `chatelaine-log-export/1\n${canonicalJson(beginningJson(beginning))}`
}

/** The first line of an export. */
export function formatBeginning(beginning: SignedBeginning): string {
  const { keyId, signature } = beginning
  return canonicalJson({ export: beginningJson(beginning), key_id: keyId, signature })
}

/** Each line after the first. */
export function formatExportLine(line: ExportLine): string {
  if ('head' in line) {
    const { chain, keyId, signature } = line.head
    return canonicalJson({ head: { chain, key_id: keyId, seq: formatPosition(line.head), signature } })
  }
  if ('entry' in line) return canonicalJson({ chain: line.chain, entry: entryJson(line.entry) as unknown as Json })
  return canonicalJson({ chain: line.chain, omitted: { hash: line.omitted.hash, number: line.omitted.seq } })
}

/** The filters by the names that the API has for them. */
export function filtersJson({ actorId, subjectId, action, from, until }: LogFilters): Readonly<Record<string, string>> {
  return {
    ...(actorId === undefined ? {} : { actor: actorId }),
    ...(subjectId === undefined ? {} : { subject: subjectId }),
    ...(action === undefined ? {} : { action }),
    ...(from === undefined ? {} : { from: formatInstant(from) }),
    ...(until === undefined ? {} : { until: formatInstant(until) }),
  }
}

export type ExportReport =
  /** `rows` counts those that were left out, too. */
  | { readonly intact: true; readonly beginning: ExportBeginning; readonly rows: number; readonly omitted: number }
  /** `seq` is the first row at which it is not what the deployment wrote; 0 is the beginning itself. */
  | { readonly intact: false; readonly seq: number; readonly fault: ExportFault | 'beginning' }

/**
 * Checks an export as it was downloaded, line by line and with nothing but the public keys.
 * @param texts its lines, without their ends
 */
export function verifyExportText(
  texts: Iterable<string>,
  sha256: Sha256,
  verifySignature: VerifySignature,
): ExportReport {
  const lines = texts[Symbol.iterator]()
  const first = lines.next()
  const beginning = first.done === true ? undefined : readBeginning(first.value)
  if (beginning === undefined || !verifySignature(beginning.keyId, beginningText(beginning), beginning.signature)) {
    return { intact: false, seq: 0, fault: 'beginning' }
  }
  let omitted = 0
  function* rest(): Generator<ExportLine | undefined> {
    for (let next = lines.next(); next.done !== true; next = lines.next()) {
      const line = readExportLine(next.value)
      if (line !== undefined && 'omitted' in line) omitted += 1
      yield line
    }
  }
  const verdict = verifyExport(beginning.extent, rest(), sha256, verifySignature)
  if (!verdict.intact) return verdict
  const { at, filters, extent } = beginning
  return { intact: true, beginning: { at, filters, extent }, rows: verdict.rows, omitted }
}

function beginningJson({ at, filters, extent }: ExportBeginning): JsonObject {
  return {
    format,
    at: formatInstant(at),
    filters: filtersJson(filters),
    after: { number: extent.seq, chain: extent.chain },
    last_number: extent.lastSeq,
  }
}

function readBeginning(text: string): SignedBeginning | undefined {
  const json = parse(text)
  if (!isJsonObject(json) || !isJsonObject(json.export)) return undefined
  const { at, filters, after, last_number: lastSeq } = json.export
  const { key_id: keyId, signature } = json
  if (!isText(at) || !isJsonObject(filters) || !isJsonObject(after)) return undefined
  const { number: seq, chain } = after
  if (!isCount(seq) || !isText(chain) || !isCount(lastSeq) || !isText(keyId) || !isText(signature)) return undefined
  const extent = { seq, chain, lastSeq }
  const beginning = { at: Date.parse(at), filters: readFilters(filters), extent, keyId, signature }
  return isSpelledSo(text, () => formatBeginning(beginning)) ? beginning : undefined
}

function readFilters({ actor, subject, action, from, until }: JsonObject): LogFilters {
  return {
    ...(isText(actor) ? { actorId: actor } : {}),
    ...(isText(subject) ? { subjectId: subject } : {}),
    ...(isText(action) ? { action } : {}),
    ...(isText(from) ? { from: Date.parse(from) } : {}),
    ...(isText(until) ? { until: Date.parse(until) } : {}),
  }
}

/** `undefined` for what is no line of an export. */
function readExportLine(text: string): ExportLine | undefined {
  const json = parse(text)
  const line = isJsonObject(json) ? lineOf(json) : undefined
  return line !== undefined && isSpelledSo(text, () => formatExportLine(line)) ? line : undefined
}

function lineOf({ chain, entry, omitted, head }: JsonObject): ExportLine | undefined {
  if (isJsonObject(head)) return headLine(head)
  if (!isText(chain)) return undefined
  if (isJsonObject(omitted)) {
    const { number: seq, hash } = omitted
    return isCount(seq) && isText(hash) ? { omitted: { seq, hash }, chain } : undefined
  }
  const read = readEntryJson(entry)
  return read && { entry: read, chain }
}

function headLine({ seq, chain, key_id: keyId, signature }: JsonObject): ExportLine | undefined {
  const position = readPosition(seq)
  if (position === undefined || !isText(chain) || !isText(keyId) || !isText(signature)) return undefined
  return { head: { ...position, chain, keyId, signature } }
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string'
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

/**
 * Whether a text is exactly what we would have written. Otherwise it could say more than what is checked: a field that
 * we pass over, or one given twice, of which others may read the other.
 */
function isSpelledSo(text: string, spell: () => string): boolean {
  try {
    return spell() === text
  } catch {
    // An instant that is none cannot be spelled.
    return false
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
