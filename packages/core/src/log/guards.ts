import type { Caller } from '../domain/caller.ts'
import type { Project } from '../domain/project.ts'
import type { Settings } from '../domain/settings.ts'
import type { Guard } from './change.ts'

/**
 * What makes a change conflict if the caller lost its rights after they were checked. A token changes when it ends, and
 * is good for nothing while its account is disabled; a session is gone when it ends, and its rights are the account's;
 * a portal session ends with its token and is the account's as it stands.
 */
export function callerGuards(caller: Caller): Guard[] {
  if (caller.type === 'token') {
    const { id, changedSeq, accountId } = caller.token
    const ofAccount: Guard[] = accountId === null ? [] : [{ guard: 'account-active', id: accountId }]
    return [{ guard: 'token-unchanged', id, changedSeq }, ...ofAccount]
  }
  if (caller.type === 'portal') {
    const { id, changedSeq } = caller.account
    return [...callerGuards(caller.manager), { guard: 'account-unchanged', id, changedSeq }]
  }
  if (caller.type === 'session') {
    const { id, changedSeq } = caller.account
    const ofSession: Guard[] = caller.sessionId === null ? [] : [{ guard: 'session-exists', id: caller.sessionId }]
    return [...ofSession, { guard: 'account-unchanged', id, changedSeq }]
  }
  return []
}

/** What makes a change conflict if the project, its members or its policy changed after they were read. */
export function projectGuard({ id, changedSeq }: Project): Guard {
  return { guard: 'project-unchanged', id, changedSeq }
}

/** What makes a change conflict if the settings changed after they were read. */
export function settingsGuard({ changedSeq }: Settings): Guard {
  return { guard: 'settings-unchanged', changedSeq }
}
