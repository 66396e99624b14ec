import type { InstanceState, RateBucket, RateDebt, RateOutcome } from '@chatelaine/core'
import type { Figures } from '../metrics/metrics.ts'
import type { WriterEnd, WriteRequest, WriteResults } from '@chatelaine/storage/sqlite'

/**
 * What the processes of one server say to each other. All of it goes through the one that started the others, which
 * passes questions on to the writer and its answers back. Everything in it can be cloned from one process to another.
 */

/** What a process that answers requests asks of the one that writes. */
export type Ask =
  | { readonly ask: 'write'; readonly request: WriteRequest }
  | { readonly ask: 'read-end' }
  | { readonly ask: 'join'; readonly state: InstanceState }
  | { readonly ask: 'update'; readonly state: InstanceState }
  | { readonly ask: 'list' }
  | { readonly ask: 'remove'; readonly id: string; readonly beat: number }
  | { readonly ask: 'take'; readonly buckets: readonly RateBucket[]; readonly cost: number }
  | {
      readonly ask: 'give-back'
      readonly buckets: readonly RateBucket[]
      readonly cost: number
      readonly takenAt: number
    }
  | { readonly ask: 'tell-debts'; readonly debts: readonly RateDebt[] }

/** What each is answered with. */
export interface Results {
  write: WriteResults[keyof WriteResults]
  'read-end': WriterEnd
  join: undefined
  update: boolean
  list: readonly InstanceState[]
  remove: undefined
  take: RateOutcome
  'give-back': undefined
  'tell-debts': undefined
}

export type Answer =
  | { readonly is: 'done'; readonly result: Results[keyof Results] }
  | { readonly is: 'unavailable'; readonly message: string }
  /** Nobody expected that. */
  | { readonly is: 'defect'; readonly message: string; readonly stack: string | undefined }

/** What each process that was started says. */
export type Said =
  /** It does its work from now on. */
  | { readonly say: 'ready'; readonly told?: string }
  | { readonly say: 'ask'; readonly number: number; readonly ask: Ask }
  | { readonly say: 'answer'; readonly to: number; readonly number: number; readonly answer: Answer }
  /** There may be something new in the log. */
  | { readonly say: 'hint' }
  | { readonly say: 'pong' }
  /** What all others have measured is wanted here. */
  | { readonly say: 'gather-figures'; readonly number: number }
  | { readonly say: 'figures'; readonly to: number; readonly number: number; readonly figures: Figures }

/** What it is told. */
export type Told =
  | { readonly tell: 'begin'; readonly isFirst: boolean; readonly port: number }
  | { readonly tell: 'ask'; readonly from: number; readonly number: number; readonly ask: Ask }
  | { readonly tell: 'answer'; readonly number: number; readonly answer: Answer }
  | { readonly tell: 'writer'; readonly is: 'ready' | 'lost' }
  | { readonly tell: 'hint' }
  /** A process has ended: what it said of itself holds no longer. */
  | { readonly tell: 'gone'; readonly who: number }
  | { readonly tell: 'ping' }
  | { readonly tell: 'tell-figures'; readonly from: number; readonly number: number }
  | { readonly tell: 'figures-expected'; readonly number: number; readonly count: number }
  | { readonly tell: 'figures'; readonly number: number; readonly figures: Figures }
  /** Finish what is under way, and end. */
  | { readonly tell: 'stop' }

/** How a process that was started hears and speaks. */
export interface Voice {
  say(message: Said): void
  onTold(listener: (message: Told) => void): void
}

/** Of this process. What cannot be said any more is of no use to anybody: without its starter this process ends. */
export const voice: Voice = {
  say(message) {
    process.send?.(message, undefined, undefined, () => undefined)
  },
  onTold(listener) {
    process.on('message', (message) => listener(message as Told))
  },
}
