import type { LogEntry } from './change.ts'
import { entryJson } from './entry-json.ts'
import { canonicalJson, type Json } from '../domain/json.ts'

/**
 * The log proves itself: each row carries `SHA-256(previous chain ‖ SHA-256(row))`, and the chain after each commit is
 * signed. Whoever alters, drops or swaps a row must forge a signature.
 */

/** SHA-256 of bytes or of the UTF-8 of a text, as 64 hexadecimal digits. */
export type Sha256 = (data: string) => string

/** Whether a signature over a text was made by the key with this id; `false` for unknown keys. */
export type VerifySignature = (keyId: string, text: string, signature: string) => boolean

/** The chain before the first row. */
export const chainStart = '0'.repeat(64)

/** SHA-256 of one row in its one spelling, as 64 hexadecimal digits: all that an export shows of a row left out. */
export function entryHash(entry: LogEntry, sha256: Sha256): string {
  return sha256(canonicalJson(entryJson(entry) as unknown as Json))
}

/** The chain after a row. Both arguments are 64 hexadecimal digits; it is the SHA-256 of their 128 as text. */
export function nextChain(previous: string, hash: string, sha256: Sha256): string {
  return sha256(previous + hash)
}

/** The chain at the end of one commit, signed. */
export interface SignedHead {
  readonly epoch: string
  readonly seq: number
  readonly chain: string
  readonly keyId: string
  /** Ed25519 (RFC 8032) over `headText`, base64. */
  readonly signature: string
}

/** What is signed of a head. */
export function headText(head: Pick<SignedHead, 'epoch' | 'seq' | 'chain'>): string {
  return `chatelaine-log-head/1\n${head.epoch}.${head.seq}\n${head.chain}`
}

/** One line of an export: a whole row, the bare hash of a row that was filtered out, or a signed head. */
export type ExportLine =
  | { readonly entry: LogEntry; readonly chain: string }
  | { readonly omitted: { readonly seq: number; readonly hash: string }; readonly chain: string }
  | { readonly head: SignedHead }

/** Where an export begins and ends. */
export interface ExportExtent {
  /** The row before its first one; 0 is before all. */
  readonly seq: number
  /** The chain before its first row. */
  readonly chain: string
  /** Its last row, where that was said beforehand: an export that ends earlier was cut off. */
  readonly lastSeq?: number
}

export type ExportVerdict =
  | { readonly intact: true; readonly rows: number; readonly lastSeq: number }
  | { readonly intact: false; readonly seq: number; readonly fault: ExportFault }

export type ExportFault =
  /** The row does not hash to what the chain says. */
  | 'altered'
  /** Where this row belongs stands something that is no line of an export. */
  | 'unreadable'
  /** This row is not where it belongs: it is gone, or comes later. */
  | 'missing'
  /** This row comes again, too late, or behind the end of the export. */
  | 'out-of-order'
  /** The signature of the head at this row is not by a key of the deployment. */
  | 'signature'
  /** The rows from this one on stand under no signed head: the end was cut off or never signed. */
  | 'unsigned'

/**
 * Checks an export offline and names the first row at which it is not what the deployment wrote.
 * @param lines `undefined` stands for a line that is none
 */
export function verifyExport(
  start: ExportExtent,
  lines: Iterable<ExportLine | undefined>,
  sha256: Sha256,
  verifySignature: VerifySignature,
): ExportVerdict {
  const { lastSeq } = start
  let { seq, chain } = start
  // Of the last row; unknown for one that was left out, where the signature alone vouches for it.
  let epoch: string | undefined
  let signedSeq = start.seq
  let rows = 0
  for (const line of lines) {
    if (line === undefined) return { intact: false, seq: seq + 1, fault: 'unreadable' }
    if ('head' in line) {
      const { head } = line
      const fits = head.seq === seq && head.chain === chain && (epoch === undefined || head.epoch === epoch)
      if (!fits || !verifySignature(head.keyId, headText(head), head.signature)) {
        return { intact: false, seq: head.seq, fault: 'signature' }
      }
      signedSeq = seq
      continue
    }
    const rowSeq = 'entry' in line ? line.entry.seq : line.omitted.seq
    if (rowSeq <= seq || rowSeq > (lastSeq ?? rowSeq)) return { intact: false, seq: rowSeq, fault: 'out-of-order' }
    if (rowSeq !== seq + 1) return { intact: false, seq: seq + 1, fault: 'missing' }
    const hash = 'entry' in line ? entryHash(line.entry, sha256) : line.omitted.hash
    chain = nextChain(chain, hash, sha256)
    if (chain !== line.chain) return { intact: false, seq: rowSeq, fault: 'altered' }
    epoch = 'entry' in line ? line.entry.epoch : undefined
    seq = rowSeq
    rows += 1
  }
  if (lastSeq !== undefined && seq < lastSeq) return { intact: false, seq: seq + 1, fault: 'missing' }
  if (signedSeq !== seq) return { intact: false, seq: signedSeq + 1, fault: 'unsigned' }
  return { intact: true, rows, lastSeq: seq }
}
