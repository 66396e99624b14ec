import type { LogPlace } from '@chatelaine/core'
import { get, run, together, type Steps } from '../../sql/steps.ts'
import { hint } from '../feed.ts'
import { holds } from '../known-log.ts'
import { Draft } from '../../sql/write/draft.ts'

/**
 * Begins a transaction that writes, and answers where the log ends. One round trip.
 *
 * The counter's row is locked first and not last: what a request reads to be refused or carried out can then not change
 * before it is committed, which is what makes counts exact, and nobody ever waits for two locks in two orders. So that
 * the lock is held for a short time all the same, a group of requests shares it and its one flush, a group takes on no
 * more after `groupMs`, and what follows from another goes out without waiting for it.
 */
export function* beginWriting(): Steps<Draft> {
  return (yield* beginProven([])).draft
}

/** The same, and whether the log holds all of these places: nobody can put it back before the transaction ends. */
export function* beginProven(places: readonly LogPlace[]): Steps<{ readonly draft: Draft; readonly isHeld: boolean }> {
  const steps: readonly Steps<unknown>[] = [run('BEGIN'), get(lockCounters), Draft.read(), holds(places)]
  const [, , draft, isHeld] = yield* together(steps)
  return { draft: draft as Draft, isHeld: isHeld as boolean }
}

// In a statement of its own: only the next one sees what whoever held the lock has committed.
const lockCounters = 'SELECT seq FROM counters FOR UPDATE'

/** Sends what ends a transaction in one round trip, and wakes those up that read the log if there is something new. */
export function* finishWriting(last: readonly Steps<unknown>[]): Steps<void> {
  const wake: readonly Steps<unknown>[] = last.length === 0 ? [] : [hint()]
  yield* together([...last, ...wake, run('COMMIT')])
}

/** The chain at a place of the log, once nobody holds the counters any more; `undefined` where the log has not come. */
export function* chainAt(seq: number): Steps<string | undefined> {
  yield* get(lockCounters)
  const row = yield* get('SELECT chain FROM changes WHERE seq = ?', seq)
  return row && String(row.chain)
}
