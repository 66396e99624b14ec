import type {
  Change,
  CommitOutcome,
  EpochMs,
  HandoffNote,
  LogEntry,
  LogPlace,
  ObservedUse,
  Once,
  Position,
  TokenId,
  UsageCount,
} from '@chatelaine/core'
import type { DamagedRow } from '../seal.ts'
import type { StorageErrorKey } from '../../storage-error.ts'
import type { Left, Room } from './handoffs.ts'
import type { Resealed, ResealPlace } from './reseal.ts'

/** What the answering thread asks of the writer. Everything in it can be cloned from one thread to the other. */
export type WriteRequest =
  | { readonly do: 'commit'; readonly changes: readonly Change[]; readonly once: Once | undefined }
  | { readonly do: 'add-uses'; readonly uses: readonly ObservedUse[] }
  | { readonly do: 'forget-addresses'; readonly before: EpochMs }
  | { readonly do: 'reserve-uses'; readonly id: TokenId; readonly count: number }
  | { readonly do: 'add-usage'; readonly counts: readonly UsageCount[] }
  | { readonly do: 'forget-usage'; readonly before: EpochMs }
  | { readonly do: 'leave-note'; readonly note: HandoffNote; readonly room: Room }
  | { readonly do: 'touch-session'; readonly sessionId: string; readonly at: EpochMs }
  | { readonly do: 'remove-outdated'; readonly now: EpochMs }
  | { readonly do: 'reseal'; readonly place: ResealPlace }
  | { readonly do: 'reseal-journal' }
  /** Brings the journal up to what others have written; where there are none there is nothing to do. */
  | { readonly do: 'catch-up-journal' }
  /** Writes nothing new: whether it can be written at all. */
  | { readonly do: 'try' }

/** What a reservation of uses came to. */
export interface ReservedUses {
  readonly reserved: number
  readonly left: number
}

/** What each kind of request is answered with. */
export interface WriteResults {
  commit: CommitOutcome
  'add-uses': undefined
  'forget-addresses': number
  'reserve-uses': ReservedUses
  'add-usage': undefined
  'forget-usage': number
  'leave-note': Left
  'touch-session': undefined
  'remove-outdated': number
  reseal: Resealed
  'reseal-journal': undefined
  'catch-up-journal': undefined
  try: undefined
}

export type WriteAnswer =
  | { readonly is: 'done'; readonly result: WriteResults[keyof WriteResults] }
  /** There was no time left for it in this batch, and nothing of it was done. It belongs into the next one. */
  | { readonly is: 'postponed' }
  /** The disk, or the journal. The message is for the person who asked. */
  | { readonly is: 'unavailable'; readonly message: string }
  /** The request itself could not be carried out, and nobody expected that. */
  | { readonly is: 'defect'; readonly message: string; readonly stack: string }

/** What keeps the writer from writing. */
export type Trouble = 'database' | 'journal' | 'put-back'

/** What came of requests that were written together. */
export interface BatchResult {
  /** One for each request, in their order. */
  readonly answers: readonly WriteAnswer[]
  /** When the disk failed under a commit: everything remembered may be wrong up to here. Told before `entries`. */
  readonly reset: Position | undefined
  readonly entries: readonly LogEntry[]
  /** Where the log stood behind the entries, where others write too; `undefined` when nothing was written. */
  readonly wrote?: LogPlace | undefined
  readonly commitMs: number
  /** When it was committed, by `process.hrtime`, which all threads share; `undefined` when nothing was. */
  readonly committedAtNs?: bigint | undefined
  /** From this entry on what was taken away is not in the journal yet. Told before everything else. */
  readonly withheldFrom: number | undefined
  readonly trouble: Trouble | undefined
}

/** What the writer says. */
export type WriterMessage =
  | { readonly say: 'ready'; readonly position: Position }
  | { readonly say: 'refused'; readonly key: StorageErrorKey | undefined; readonly message: string }
  | { readonly say: 'answered'; readonly batch: BatchResult }
  | { readonly say: 'damaged'; readonly row: DamagedRow }
  | { readonly say: 'fault'; readonly message: string }

/** What the writer is told. */
export type WriterOrder =
  | {
      readonly order: 'write'
      readonly requests: readonly WriteRequest[]
      /** What the log has to hold, as far as is known here; see `Committer.commit`. */
      readonly known: readonly LogPlace[]
    }
  | { readonly order: 'close' }
