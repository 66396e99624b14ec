import type { Change, Guard } from '@chatelaine/core'
import { findAccount, findAdministrators, findProject, findSession, findToken, readSettings } from '../tables/find.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'
import { together, type Steps } from '../steps.ts'

/** What must hold before the first change is written; `undefined` when all of it does. */
export function* checkGuards(transaction: Transaction, changes: readonly Change[]): Steps<Refused | undefined> {
  const guards = changes.flatMap((change) => change.guards)
  const refusals = yield* together(guards.map((guard) => checkGuard(transaction, guard)))
  return refusals.find((refused) => refused !== undefined)
}

function* checkGuard({ sealer }: Transaction, guard: Guard): Steps<Refused | undefined> {
  switch (guard.guard) {
    case 'token-unchanged':
      return (yield* findToken(sealer, guard.id))?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'account-unchanged':
      return (yield* findAccount(sealer, guard.id))?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'account-active':
      return (yield* findAccount(sealer, guard.id))?.status === 'active' ? undefined : conflict
    case 'session-exists':
      return (yield* findSession(sealer, guard.id)) === undefined ? conflict : undefined
    case 'project-unchanged':
      return (yield* findProject(sealer, guard.id))?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'settings-unchanged':
      return (yield* readSettings(sealer)).changedSeq === guard.changedSeq ? undefined : conflict
    case 'no-administrator-yet':
      return (yield* findAdministrators(sealer)).length === 0 ? undefined : { outcome: 'administrator-exists' }
    case 'administrator-remains':
      return undefined
  }
}

/** Whether an active administrator is left after the last change, where a change asks for it. */
export function* checkAdministrators({ sealer }: Transaction, changes: readonly Change[]): Steps<boolean> {
  const isAsked = changes.some(({ guards }) => guards.some(({ guard }) => guard === 'administrator-remains'))
  return !isAsked || (yield* findAdministrators(sealer)).some((account) => account.status === 'active')
}
