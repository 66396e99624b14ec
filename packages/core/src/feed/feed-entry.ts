import { deployment, type LogEntry, type Position, type Subject } from '../log/change.ts'
import type { EpochMs } from '../domain/time.ts'

/** An entry of the log as verifiers read it: what has changed, and nothing of what it is called or who did it. */
export interface FeedEntry {
  readonly seq: number
  readonly subjectType: FeedSubjectType
  readonly subjectId: string
  readonly effect: LogEntry['effect']
}

/** `all`: everything may have changed, and verifiers drop all that they remember. */
export const feedSubjectTypes = ['token', 'account', 'project', 'all'] as const
export type FeedSubjectType = (typeof feedSubjectTypes)[number]

/** What one reading of the feed gives. */
export interface FeedAnswer {
  /** Nothing that was remembered may be relied on; begin anew from `position`, with an empty memory. */
  readonly isResync: boolean
  /** What follows the place that was asked about: in order, without a gap, none twice. Empty for a resync. */
  readonly entries: readonly FeedEntry[]
  /** Where the reader is once it has applied them. */
  readonly position: Position
  /** How long the reader may answer from memory, from the start of this reading. */
  readonly leaseMs: number
  /** The deployment's time when this was written. */
  readonly answeredAt: EpochMs
}

export function feedEntryOf({ seq, subject, effect }: Pick<LogEntry, 'seq' | 'subject' | 'effect'>): FeedEntry {
  const subjectType = subject.type === 'deployment' ? 'all' : subject.type
  return { seq, subjectType, subjectId: subject.id, effect }
}

export function subjectOf({ subjectType, subjectId }: FeedEntry): Subject {
  return subjectType === 'all' ? deployment : { type: subjectType, id: subjectId }
}
