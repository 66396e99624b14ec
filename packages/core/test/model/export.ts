import { hash, randomBytes } from 'node:crypto'
import {
  beginningText,
  chainStart,
  entryHash,
  headText,
  nextChain,
  type AuditKey,
  type EpochMs,
  type ExportLine,
  type LogExport,
  type LogFilters,
} from '@chatelaine/core'
import { deriveKeys, KeyRing } from '@chatelaine/token/keys'
import { fitsFilters, isInTime } from './query.ts'
import type { LogRow } from './state.ts'

const keys = deriveKeys(KeyRing.generate((count) => randomBytes(count)))

export function modelAuditKeys(): AuditKey[] {
  return keys.publicKeys()
}

/** @param headSeqs where commits ended */
export function exportLog(
  log: readonly LogRow[],
  headSeqs: readonly number[],
  filters: LogFilters,
  at: EpochMs,
): LogExport {
  const isAsked = ({ entry }: LogRow): boolean => isInTime(entry.at, filters)
  const inTime = log.slice(log.findIndex(isAsked), log.findLastIndex(isAsked) + 1)
  const first = inTime[0]?.entry.seq ?? log.length + 1
  const lastAsked = inTime.at(-1)?.entry.seq ?? log.length
  const lastSeq = headSeqs.find((seq) => seq >= lastAsked) ?? lastAsked
  const all = allLines(log, headSeqs, ({ entry }) => entry.seq <= lastAsked && fitsFilters(entry, filters))
  const before = all.findLast((line) => !('head' in line) && seqOf(line) === first - 1)
  const chain = before === undefined || 'head' in before ? chainStart : before.chain
  const beginning = { at, filters, extent: { seq: first - 1, chain, lastSeq } }
  const lines = all.filter((line) => seqOf(line) >= first && seqOf(line) <= lastSeq)
  return {
    beginning: { ...beginning, ...keys.sign(Buffer.from(beginningText(beginning))) },
    lines: (async function* () {
      yield* lines
    })(),
  }
}

function allLines(
  log: readonly LogRow[],
  headSeqs: readonly number[],
  isShown: (row: LogRow) => boolean,
): ExportLine[] {
  let chain = chainStart
  return log.flatMap((row): ExportLine[] => {
    const { entry } = row
    const rowHash = entryHash(entry, sha256)
    chain = nextChain(chain, rowHash, sha256)
    const line = isShown(row) ? { entry, chain } : { omitted: { seq: entry.seq, hash: rowHash }, chain }
    if (!headSeqs.includes(entry.seq)) return [line]
    const head = { epoch: entry.epoch, seq: entry.seq, chain }
    return [line, { head: { ...head, ...keys.sign(Buffer.from(headText(head))) } }]
  })
}

function seqOf(line: ExportLine): number {
  if ('head' in line) return line.head.seq
  return 'entry' in line ? line.entry.seq : line.omitted.seq
}

function sha256(text: string): string {
  return hash('sha256', text)
}
