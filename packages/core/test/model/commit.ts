import {
  dayMs,
  foldName,
  isLive,
  isSameIdentity,
  revoked,
  unused,
  type Account,
  type AccountId,
  type Change,
  type CommitOutcome,
  type Guard,
  type JsonObject,
  type Once,
  type Project,
  type ProjectId,
  type Token,
  type TokenLimits,
  type Write,
  type Written,
} from '@chatelaine/core'
import {
  accountIn,
  accountsIn,
  descendantsIn,
  onceName,
  projectIn,
  settingsIn,
  tokenIn,
  tokensIn,
  type State,
} from './state.ts'

type Refused = Exclude<CommitOutcome, { outcome: 'committed' }>

const conflict: Refused = { outcome: 'conflict' }

/** Writes the changes into a state, or answers why not; the state is of no use then. */
export function commitTo(state: State, epoch: string, changes: readonly Change[], once?: Once): CommitOutcome {
  const [first] = changes
  if (first === undefined) throw new TypeError('a commit needs at least one change')
  const before = once && state.once.get(onceName(once.caller, once.key))
  if (once !== undefined && before !== undefined && once.at - before.at < dayMs) {
    return { outcome: 'repeated', first: before }
  }
  const guards = changes.flatMap((change) => change.guards)
  const refused = guards.map((guard) => failedGuard(state, guard)).find((outcome) => outcome !== undefined)
  if (refused !== undefined) return refused

  const written: Written[] = []
  for (const change of changes) {
    const result = write(state, epoch, change)
    if ('outcome' in result) return result
    written.push(result)
  }
  const asksForAdministrator = guards.some(({ guard }) => guard === 'administrator-remains')
  const administrators = accountsIn(state).filter(({ role }) => role === 'admin')
  if (asksForAdministrator && !administrators.some(({ status }) => status === 'active')) {
    return { outcome: 'last-administrator' }
  }
  if (once !== undefined) {
    const { type, id } = first.subject
    state.once.set(onceName(once.caller, once.key), { ...once, subjectType: type, subjectId: id })
  }
  return { outcome: 'committed', epoch, seq: state.log.length, written }
}

function failedGuard(state: State, guard: Guard): Refused | undefined {
  switch (guard.guard) {
    case 'token-unchanged':
      return tokenIn(state, guard.id)?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'account-unchanged':
      return accountIn(state, guard.id)?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'account-active':
      return accountIn(state, guard.id)?.status === 'active' ? undefined : conflict
    case 'session-exists':
      return state.sessions.has(guard.id) ? undefined : conflict
    case 'project-unchanged':
      return projectIn(state, guard.id)?.changedSeq === guard.changedSeq ? undefined : conflict
    case 'settings-unchanged':
      return settingsIn(state).changedSeq === guard.changedSeq ? undefined : conflict
    case 'no-administrator-yet':
      return accountsIn(state).some(({ role }) => role === 'admin') ? { outcome: 'administrator-exists' } : undefined
    case 'administrator-remains':
      return undefined
  }
}

function write(state: State, epoch: string, change: Change): Written | Refused {
  const { write } = change
  if ('remove' in write) return remove(state, epoch, change, write)
  switch (write.put) {
    case 'token':
      return putToken(state, epoch, change, write)
    case 'account':
      return putAccount(state, epoch, change, write)
    case 'project':
      return putProject(state, epoch, change, write)
    case 'session': {
      const { session } = write
      const account = accountIn(state, session.accountId)
      if (account === undefined) throw new Error('a session needs an account')
      state.sessions.set(session.id, session)
      state.accounts.set(account.id, { ...account, lastSignInAt: session.createdAt })
      append(state, epoch, change, account.id)
      return { type: 'none' }
    }
    case 'settings': {
      if (settingsIn(state).changedSeq !== write.settings.changedSeq) return conflict
      state.settings = { ...write.settings, changedSeq: state.log.length + 1 }
      append(state, epoch, change, null)
      return { type: 'settings', settings: state.settings }
    }
    case 'nothing':
      append(state, epoch, change, ownerOfSubject(state, change))
      return { type: 'none' }
  }
}

function remove(state: State, epoch: string, change: Change, write: Extract<Write, { remove: string }>) {
  if (write.remove === 'token') {
    if (tokenIn(state, write.token.id)?.changedSeq !== write.token.changedSeq) return conflict
    append(state, epoch, change, write.token.accountId ?? write.token.projectId)
    state.tokens.delete(write.token.id)
  } else {
    if (!state.sessions.delete(write.sessionId)) return conflict
    append(state, epoch, change, ownerOfSubject(state, change))
  }
  return { type: 'none' } as const
}

function putToken(
  state: State,
  epoch: string,
  change: Change,
  write: Extract<Write, { put: 'token' }>,
): Written | Refused {
  const previous = tokenIn(state, write.token.id)
  if ((previous?.changedSeq ?? 0) !== write.token.changedSeq) return conflict
  const refused = write.limits && exceeded(state, write.token, previous, write.limits, change.at)
  if (refused !== undefined) return refused
  const token: Token = {
    ...write.token,
    serial: previous?.serial ?? (state.tokenSerial += 1),
    use: previous?.use ?? { ...unused, left: write.token.usesGranted },
    changedSeq: state.log.length + 1,
  }
  state.tokens.set(token.id, token)
  append(state, epoch, change, token.accountId ?? token.projectId)
  if (write.descendants === 'revoke') revokeDescendants(state, epoch, change, token)
  return { type: 'token', token }
}

function putProject(
  state: State,
  epoch: string,
  change: Change,
  { project, endTokens }: Extract<Write, { put: 'project' }>,
): Written | Refused {
  const previous = projectIn(state, project.id)
  if ((previous?.changedSeq ?? 0) !== project.changedSeq) return conflict
  const serial = previous?.serial ?? (state.projectSerial += 1)
  const written: Project = { ...project, serial, changedSeq: state.log.length + 1 }
  state.projects.set(project.id, written)
  append(state, epoch, change, project.id)
  if (endTokens !== undefined) {
    const createdBy = endTokens === 'all' ? undefined : endTokens.createdBy
    const because = createdBy === undefined ? 'project-archived' : 'member-left'
    const ending = tokensIn(state).filter(
      (token) => token.projectId === project.id && (createdBy === undefined || token.createdBy === createdBy),
    )
    revokeEach(state, epoch, change, ending, because, { because, project_id: project.id })
  }
  return { type: 'project', project: written }
}

function revokeEach(
  state: State,
  epoch: string,
  change: Change,
  tokens: readonly Token[],
  reason: string,
  more: JsonObject,
): void {
  for (const token of [...tokens].sort((a, b) => a.serial - b.serial)) {
    if (token.revokedAt !== null) continue
    state.tokens.set(token.id, { ...revoked(token, change.at, reason), changedSeq: state.log.length + 1 })
    const subject = { type: 'token', id: token.id } as const
    const details = { reason, ...more }
    const owner = token.accountId ?? token.projectId
    append(state, epoch, { ...change, action: 'token.revoked', effect: 'takes', subject, details }, owner)
  }
}

function revokeDescendants(state: State, epoch: string, change: Change, parent: Token): void {
  const more = { because: 'parent', parent_token_id: parent.id }
  revokeEach(state, epoch, change, descendantsIn(state, parent.id), parent.revokedReason ?? 'revoked', more)
}

function exceeded(
  state: State,
  token: Token,
  previous: Token | undefined,
  { permanentMax, liveMax }: TokenLimits,
  at: number,
): Refused | undefined {
  const others = [...state.tokens.values()].filter(({ id, projectId, accountId }) => {
    return id !== token.id && projectId === token.projectId && accountId === token.accountId
  })
  const isPermanent = (one: Token) => one.expiresAt === null && one.revokedAt === null
  const permanent = others.filter(isPermanent).length
  if (isPermanent(token) && !(previous && isPermanent(previous)) && permanent >= permanentMax) {
    return { outcome: 'permanent-limit', inUse: permanent, max: permanentMax }
  }
  const live = others.filter((one) => isLive(one, at)).length
  if (isLive(token, at) && !(previous && isLive(previous, at)) && live >= liveMax) {
    return { outcome: 'live-limit', inUse: live, max: liveMax }
  }
  return undefined
}

function putAccount(
  state: State,
  epoch: string,
  change: Change,
  write: Extract<Write, { put: 'account' }>,
): Written | Refused {
  const previous = accountIn(state, write.account.id)
  if ((previous?.changedSeq ?? 0) !== write.account.changedSeq) return conflict
  const field = takenField(state, write.account)
  if (field !== undefined) return { outcome: 'taken', field }
  const account: Account = {
    ...write.account,
    serial: previous?.serial ?? (state.accountSerial += 1),
    lastSignInAt: previous?.lastSignInAt ?? null,
    changedSeq: state.log.length + 1,
  }
  state.accounts.set(account.id, account)
  if (write.endSessions) {
    for (const session of state.sessions.values()) {
      if (session.accountId === account.id) state.sessions.delete(session.id)
    }
  }
  append(state, epoch, change, account.id)
  if (write.endTokens === 'made-for-projects') {
    const made = tokensIn(state).filter((token) => token.projectId !== null && token.createdBy === account.id)
    const more = { because: 'account-disabled', account_id: account.id }
    revokeEach(state, epoch, change, made, 'member-left', more)
  }
  if (write.endTokens === 'own') {
    const own = tokensIn(state).filter(({ accountId }) => accountId === account.id)
    const ending = new Map([...own, ...own.flatMap(({ id }) => descendantsIn(state, id))].map((one) => [one.id, one]))
    const live = [...ending.values()].filter((token) => isLive(token, change.at))
    const more = { because: 'password-changed', account_id: account.id }
    revokeEach(state, epoch, change, live, 'password changed', more)
  }
  return { type: 'account', account }
}

/** Also a damaged row keeps its names. */
function takenField(state: State, account: Account): 'username' | 'email' | 'external_id' | 'identity' | undefined {
  const others = [...state.accounts.values()].filter(({ id }) => id !== account.id)
  const isSame = (a: string | null, b: string | null) => a !== null && b !== null && foldName(a) === foldName(b)
  if (others.some(({ username }) => isSame(username, account.username))) return 'username'
  if (others.some(({ email }) => isSame(email, account.email))) return 'email'
  const hasExternalId = account.externalId !== null
  if (hasExternalId && others.some(({ externalId }) => externalId === account.externalId)) return 'external_id'
  const hasIdentity = account.identity !== null
  return hasIdentity && others.some(({ identity }) => isSameIdentity(identity, account.identity))
    ? 'identity'
    : undefined
}

function append(state: State, epoch: string, change: Change, ownerId: AccountId | ProjectId | null): void {
  const { at, actor, action, effect, subject, details } = change
  const entry = { epoch, seq: state.log.length + 1, at, actor, action, effect, subject, details }
  state.log.push({ entry, ownerId })
}

function ownerOfSubject(state: State, { subject }: Change): AccountId | ProjectId | null {
  if (subject.type === 'account') return subject.id as AccountId
  if (subject.type === 'project') return subject.id as ProjectId
  const token = subject.type === 'token' ? state.tokens.get(subject.id as Token['id']) : undefined
  return token?.accountId ?? token?.projectId ?? null
}
