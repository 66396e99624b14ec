import type { Action, Change, EpochMs } from '@chatelaine/core'
import type { Taking } from '../../journal/journal.ts'
import { replayChange } from '../../journal/replay.ts'
import { findCounted, suspendCounted } from '../../journal/restored.ts'
import { run, type Steps } from '../../sql/steps.ts'
import { commitChanges } from '../../sql/write/commit-changes.ts'
import type { Transaction } from '../../sql/write/transaction.ts'

/** What a transaction did that takes away again what was taken away before the database was put back. */
export type Replayed = Readonly<Partial<Record<Action, number>>>

/** Takes away what a journal says was taken. Answers what was done about it. */
export function* replayTakings(transaction: Transaction, takings: Iterable<Taking>, at: EpochMs): Steps<Replayed> {
  const replayed: Partial<Record<Action, number>> = {}
  for (const taking of takings) {
    const change = yield* replayChange(transaction.sealer, taking, at)
    if (change === undefined) continue
    yield* commitOne(transaction, change)
    replayed[change.action] = (replayed[change.action] ?? 0) + 1
  }
  return replayed
}

/** Of the sessions and of what tokens had left nobody knows what became of them since. Answers how many there were. */
export function* endUnknown(
  transaction: Transaction,
  at: EpochMs,
): Steps<{ readonly sessionsEnded: number; readonly countedSuspended: number }> {
  const sessionsEnded = yield* run('DELETE FROM sessions')
  const counted = yield* findCounted(transaction.sealer)
  for (const token of counted) yield* commitOne(transaction, suspendCounted(token, at))
  return { sessionsEnded, countedSuspended: counted.length }
}

export function* commitOne(transaction: Transaction, change: Change): Steps<void> {
  const { outcome } = yield* commitChanges(transaction, [change])
  if (outcome !== 'committed') throw new Error(`the restore could not write ${change.action}: ${outcome}`)
}
