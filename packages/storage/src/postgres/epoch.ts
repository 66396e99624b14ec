import type { EpochMs } from '@chatelaine/core'
import { get, runOne, type Steps } from '../sql/steps.ts'
import { Draft } from '../sql/write/draft.ts'
import { currentHistory } from './history.ts'
import { insertEpoch } from './prepare.ts'

/**
 * Whether the database goes on elsewhere than where its last epoch was written: on a server that took over from another
 * one, or that was put back to an earlier point in time. What was read before may then never have happened.
 */
export function* hasOtherHistory(): Steps<boolean> {
  const row = yield* get(`SELECT history <> ${currentHistory} AS is_other FROM epochs ORDER BY serial DESC LIMIT 1`)
  return row?.is_other === 1
}

/** Begins an epoch behind the end of the log, in a transaction that holds the counters. Answers where that is now. */
export function* beginEpoch(newEpoch: string): Steps<Draft> {
  const { epochSerial, seq } = yield* Draft.read()
  yield* insertEpoch(epochSerial + 1, newEpoch, seq)
  yield* runOne('UPDATE counters SET epoch_serial = ?', epochSerial + 1)
  return yield* Draft.read()
}

/** What the clock of the database shows, by which all instances go. */
export function* readAuthorityTime(): Steps<EpochMs> {
  const row = yield* get('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at')
  return Number(row?.at)
}
