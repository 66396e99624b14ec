import type { Change, Guard } from '@chatelaine/core'
import { findAccount, findAdministrators, findProject, findSession, findToken, readSettings } from '../tables/find.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'

/** What must hold before the first change is written; `undefined` when all of it does. */
export function checkGuards(transaction: Transaction, changes: readonly Change[]): Refused | undefined {
  for (const { guards } of changes) {
    for (const guard of guards) {
      const refused = checkGuard(transaction, guard)
      if (refused !== undefined) return refused
    }
  }
  return undefined
}

function checkGuard(transaction: Transaction, guard: Guard): Refused | undefined {
  switch (guard.guard) {
    case 'token-unchanged':
      return findToken(transaction, guard.id)?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'account-unchanged':
      return findAccount(transaction, guard.id)?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'account-active':
      return findAccount(transaction, guard.id)?.status === 'active' ? undefined : conflict
    case 'session-exists':
      return findSession(transaction, guard.id) === undefined ? conflict : undefined
    case 'project-unchanged':
      return findProject(transaction, guard.id)?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'settings-unchanged':
      return readSettings(transaction).changedSeq === guard.changedSeq ? undefined : conflict
    case 'no-administrator-yet':
      return findAdministrators(transaction).length === 0 ? undefined : { outcome: 'administrator-exists' }
    case 'administrator-remains':
      return undefined
  }
}

/** Whether an active administrator is left after the last change, where a change asks for it. */
export function checkAdministrators(transaction: Transaction, changes: readonly Change[]): boolean {
  const isAsked = changes.some(({ guards }) => guards.some(({ guard }) => guard === 'administrator-remains'))
  return !isAsked || findAdministrators(transaction).some((account) => account.status === 'active')
}
