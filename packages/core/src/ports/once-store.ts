import type { EpochMs } from '../domain/time.ts'
import type { SubjectType } from '../log/change.ts'

/** Marks a commit as the one and only for an idempotency key. Kept 24 hours, in the transaction of the change. */
export interface Once {
  /** Who asks: keys of different callers never meet. */
  readonly caller: string
  readonly key: string
  /** A keyed hash of what was asked. */
  readonly fingerprint: string
  readonly at: EpochMs
}

export interface OnceRecord extends Once {
  /** What the first request made. */
  readonly subjectType: SubjectType
  readonly subjectId: string
}

export interface OnceStore {
  /** What the key was used for; `undefined` when it was not, or 24 hours before `now`. */
  find(caller: string, key: string, now: EpochMs): Promise<OnceRecord | undefined>
}
