import { Failure } from '@chatelaine/core'
import { removeOutdated, reserveUses, touchSession } from './bookkeeping.ts'
import { commitChanges } from './commit-changes.ts'
import { leaveNote } from './handoffs.ts'
import type { WriteAnswer, WriteRequest, WriteResults } from './requests.ts'
import { resealSome } from './reseal.ts'
import type { Transaction } from './transaction.ts'
import { addUsage, removeUsage } from './usage.ts'
import { addUses, removeAddresses } from './uses.ts'
import { order, run, runOne, type Steps } from '../steps.ts'

const damagedDatabase = 'What this needs cannot be read: a part of the database is damaged. Tell the operator.'

/**
 * Carries out one request within a transaction that it shares with others. What it began is taken back when it is
 * refused or fails, and the others are none the worse.
 * @throws whatever ended the whole transaction: the disk, the memory.
 */
export function* carryOut(transaction: Transaction, request: WriteRequest): Steps<WriteAnswer> {
  const { draft, faults } = transaction
  const backToMark = draft.mark()
  yield* order('SAVEPOINT request')
  try {
    const result = yield* perform(transaction, request)
    if (isRefused(result)) {
      yield* order('ROLLBACK TO request')
      backToMark()
    }
    // Waited for: whatever of this request fails, fails before the next one begins.
    yield* run('RELEASE request')
    return { is: 'done', result }
  } catch (error) {
    if (faults.endsTransaction(error)) throw error
    yield* order('ROLLBACK TO request')
    yield* run('RELEASE request')
    backToMark()
    const isUnknown = faults.isDamage(error) || (error instanceof Failure && error.key === 'unavailable')
    return isUnknown ? { is: 'unavailable', message: damagedDatabase } : defectOf(error)
  }
}

function* perform(transaction: Transaction, request: WriteRequest): Steps<WriteResults[keyof WriteResults]> {
  switch (request.do) {
    case 'commit':
      return yield* commitChanges(transaction, request.changes, request.once)
    case 'add-uses':
      yield* addUses(request.uses)
      return undefined
    case 'forget-addresses':
      return yield* removeAddresses(request.before)
    case 'reserve-uses':
      return yield* reserveUses(transaction, request.id, request.count)
    case 'add-usage':
      yield* addUsage(request.counts)
      return undefined
    case 'forget-usage':
      return yield* removeUsage(request.before)
    case 'leave-note':
      return yield* leaveNote(transaction, request.note, request.room)
    case 'touch-session':
      yield* touchSession(request.sessionId, request.at)
      return undefined
    case 'remove-outdated':
      return yield* removeOutdated(request.now)
    case 'reseal':
      return yield* resealSome(transaction, request.place)
    case 'reseal-journal':
      transaction.journal?.reseal()
      return undefined
    case 'catch-up-journal':
      return undefined
    case 'try':
      yield* runOne('UPDATE counters SET writer_epoch = writer_epoch')
      return undefined
  }
}

function isRefused(result: WriteResults[keyof WriteResults]): boolean {
  return typeof result === 'object' && 'outcome' in result && result.outcome !== 'committed'
}

function defectOf(error: unknown): WriteAnswer {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error))
  return { is: 'defect', message, stack }
}
