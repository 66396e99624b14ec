import { canonicalJson, type EpochMs, type Json, type Subject, type TakenState } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'

/** Something that was taken away: which change did it, and what is left of its subject. */
export interface Taking {
  readonly epoch: string
  readonly seq: number
  readonly at: EpochMs
  readonly subject: Subject
  readonly state: TakenState
}

/** One line of the journal: a taking-away, the beginning of an epoch, or how far the log had come. */
export type JournalLine =
  | Taking
  | { readonly epoch: string; readonly seq: number; readonly begins: true }
  | { readonly epoch: string; readonly seq: number; readonly reached: true }

export function formatTakingLine(taking: Taking, keys: Pick<Keys, 'mac'>): string {
  return formatLine(taking, keys)
}

/** @param position the epoch, and where the log stood when the journal first heard of it */
export function formatEpochLine({ epoch, seq }: { epoch: string; seq: number }, keys: Pick<Keys, 'mac'>): string {
  return formatLine({ epoch, seq, begins: true }, keys)
}

/** @param position the last entry of the log then */
export function formatReachedLine({ epoch, seq }: { epoch: string; seq: number }, keys: Pick<Keys, 'mac'>): string {
  return formatLine({ epoch, seq, reached: true }, keys)
}

/** What a line says, or `undefined` when it is not what was written there. */
export function parseJournalLine(text: string, keys: Pick<Keys, 'macMatches'>): JournalLine | undefined {
  const parsed = parseObject(text)
  if (parsed === undefined) return undefined
  const { mac, ...line } = parsed
  if (typeof mac !== 'string' || !keys.macMatches('journal', canonicalJson(line), mac)) return undefined
  return line as unknown as JournalLine
}

/** The same line under the current master key; as it stands, when it is not genuine. */
export function resealLine(text: string, keys: Pick<Keys, 'mac' | 'macMatches'>): string {
  const line = parseJournalLine(text, keys)
  return line === undefined ? text : formatLine(line, keys).trimEnd()
}

function formatLine(line: JournalLine, keys: Pick<Keys, 'mac'>): string {
  const mac = keys.mac('journal', canonicalJson(line as unknown as Json))
  return `${JSON.stringify({ ...line, mac })}\n`
}

function parseObject(text: string): Record<string, Json> | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, Json>)
      : undefined
  } catch {
    return undefined
  }
}
