import { Failure } from '@chatelaine/core'
import { isDamage, isOutage } from '../sqlite-fault.ts'
import { addUses, removeOutdated, reserveUses, touchSession } from './bookkeeping.ts'
import { commitChanges } from './commit-changes.ts'
import type { WriteAnswer, WriteRequest, WriteResults } from './requests.ts'
import { resealSome } from './reseal.ts'
import type { Transaction } from './transaction.ts'
import { addUsage, removeUsage } from './usage.ts'

const damagedDatabase = 'What this needs cannot be read: a part of the database is damaged. Tell the operator.'

/**
 * Carries out one request within a transaction that it shares with others. What it began is taken back when it is
 * refused or fails, and the others are none the worse.
 * @throws whatever ended the whole transaction: the disk, the memory.
 */
export function carryOut(transaction: Transaction, request: WriteRequest): WriteAnswer {
  const { connection, draft } = transaction
  const backToMark = draft.mark()
  connection.run('SAVEPOINT request')
  try {
    const result = perform(transaction, request)
    if (isRefused(result)) {
      connection.run('ROLLBACK TO request')
      backToMark()
    }
    connection.run('RELEASE request')
    return { is: 'done', result }
  } catch (error) {
    if (isOutage(error) || !connection.isTransaction) throw error
    connection.run('ROLLBACK TO request')
    connection.run('RELEASE request')
    backToMark()
    const isUnknown = isDamage(error) || (error instanceof Failure && error.key === 'unavailable')
    return isUnknown ? { is: 'unavailable', message: damagedDatabase } : defectOf(error)
  }
}

function perform(transaction: Transaction, request: WriteRequest): WriteResults[keyof WriteResults] {
  switch (request.do) {
    case 'commit':
      return commitChanges(transaction, request.changes, request.once)
    case 'add-uses':
      addUses(transaction, request.uses)
      return undefined
    case 'reserve-uses':
      return reserveUses(transaction, request.id, request.count)
    case 'add-usage':
      addUsage(transaction, request.counts)
      return undefined
    case 'forget-usage':
      return removeUsage(transaction, request.before)
    case 'touch-session':
      touchSession(transaction, request.sessionId, request.at)
      return undefined
    case 'remove-outdated':
      return removeOutdated(transaction, request.now)
    case 'reseal':
      return resealSome(transaction, request.place)
    case 'reseal-journal':
      transaction.journal?.reseal()
      return undefined
    case 'try':
      transaction.connection.runOne('UPDATE counters SET writer_epoch = writer_epoch')
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
