import type { EpochMs } from '../domain/time.ts'

/** What waits for minutes between the two sides of a hand-off, such as a code for its token. No entry in the log. */
export interface HandoffStore {
  /**
   * Keeps a note, unless one by its name waits already, or unless so many wait that there is no room for it. Of many at
   * once by the same name exactly one is kept.
   */
  leave(
    note: HandoffNote,
    room: { readonly now: EpochMs; readonly waitingMax: number },
  ): Promise<'kept' | 'taken' | 'full'>
  /** `undefined` when there is none, or when it has ended. */
  find(name: string, now: EpochMs): Promise<HandoffNote | undefined>
}

export interface HandoffNote {
  /** A keyed hash, so that whoever reads the database finds nothing to present. */
  readonly name: string
  readonly text: string
  readonly endsAt: EpochMs
}
