import type { Change, CommitOutcome, Once, Written } from '@chatelaine/core'
import { checkAdministrators, checkGuards } from './guards.ts'
import { noteOnce, findRepeated } from './once.ts'
import { putAccount } from './put-account.ts'
import { putProject } from './put-project.ts'
import { putSession, removeSession } from './put-session.ts'
import { putNothing } from './put-nothing.ts'
import { putSettings } from './put-settings.ts'
import { putToken, removeToken } from './put-token.ts'
import type { Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'
import type { Steps } from '../steps.ts'

/** Writes all changes of one commit into the transaction, or answers why not; the caller then takes back what was begun. */
export function* commitChanges(
  transaction: Transaction,
  changes: readonly Change[],
  once?: Once,
): Steps<CommitOutcome> {
  const [first] = changes
  if (first === undefined) throw new TypeError('a commit needs at least one change')
  const earlier = once && (yield* findRepeated(transaction, once))
  if (earlier !== undefined) return { outcome: 'repeated', first: earlier }
  const refused = yield* checkGuards(transaction, changes)
  if (refused !== undefined) return refused
  const written: Written[] = []
  for (const change of changes) {
    const result = yield* writeChange(transaction, change)
    if ('outcome' in result) return result
    written.push(result)
  }
  if (!(yield* checkAdministrators(transaction, changes))) return { outcome: 'last-administrator' }
  if (once !== undefined) {
    yield* noteOnce(transaction, { ...once, subjectType: first.subject.type, subjectId: first.subject.id })
  }
  const { epoch, seq } = transaction.draft
  return { outcome: 'committed', epoch, seq, written }
}

function* writeChange(transaction: Transaction, change: Change): Steps<Written | Refused> {
  const { write } = change
  if ('remove' in write) {
    return write.remove === 'token'
      ? yield* removeToken(transaction, change, write.token)
      : yield* removeSession(transaction, change, write.sessionId)
  }
  switch (write.put) {
    case 'token':
      return yield* putToken(transaction, change, write)
    case 'account':
      return yield* putAccount(transaction, change, write)
    case 'project':
      return yield* putProject(transaction, change, write)
    case 'session':
      return yield* putSession(transaction, change, write.session)
    case 'settings':
      return yield* putSettings(transaction, change, write.settings)
    case 'nothing':
      return yield* putNothing(transaction, change)
  }
}
