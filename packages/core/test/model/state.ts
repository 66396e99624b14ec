import {
  Failure,
  ancestorsMax,
  initialSettings,
  isMadeByManager,
  type Account,
  type AccountId,
  type Ancestor,
  type LogEntry,
  type OnceRecord,
  type Project,
  type ProjectId,
  type Session,
  type Settings,
  type Token,
  type TokenId,
} from '@chatelaine/core'

/** Everything that a store keeps. A commit works on a copy, which then becomes the state or is dropped. */
export interface State {
  readonly tokens: Map<TokenId, Token>
  readonly accounts: Map<AccountId, Account>
  readonly projects: Map<ProjectId, Project>
  readonly sessions: Map<string, Session>
  readonly once: Map<string, OnceRecord>
  readonly log: LogRow[]
  settings: Settings
  tokenSerial: number
  accountSerial: number
  projectSerial: number
  /** Ids of rows that somebody altered behind the store's back. */
  readonly damaged: Set<string>
}

export interface LogRow {
  readonly entry: LogEntry
  /** Whose the subject was then. */
  readonly ownerId: AccountId | ProjectId | null
}

export function emptyState(): State {
  return {
    tokens: new Map(),
    accounts: new Map(),
    projects: new Map(),
    sessions: new Map(),
    once: new Map(),
    log: [],
    settings: initialSettings,
    tokenSerial: 0,
    accountSerial: 0,
    projectSerial: 0,
    damaged: new Set(),
  }
}

export function copyOf(state: State): State {
  return {
    ...state,
    tokens: new Map(state.tokens),
    accounts: new Map(state.accounts),
    projects: new Map(state.projects),
    sessions: new Map(state.sessions),
    once: new Map(state.once),
    log: [...state.log],
    damaged: state.damaged,
  }
}

/** A damaged row is as good as none. */
export function tokenIn(state: State, id: TokenId): Token | undefined {
  return state.damaged.has(id) ? undefined : state.tokens.get(id)
}

/** A damaged row is as good as none. */
export function accountIn(state: State, id: AccountId): Account | undefined {
  return state.damaged.has(id) ? undefined : state.accounts.get(id)
}

/** A damaged row is as good as none. */
export function projectIn(state: State, id: ProjectId): Project | undefined {
  return state.damaged.has(id) ? undefined : state.projects.get(id)
}

/** Nobody knows what is allowed when the settings are damaged. */
export function settingsIn(state: State): Settings {
  if (!state.damaged.has('all')) return state.settings
  throw new Failure('unavailable', 'The settings are damaged.', { retryAfterSeconds: 1 })
}

export function projectsIn(state: State): Project[] {
  return [...state.projects.values()].filter(({ id }) => !state.damaged.has(id))
}

export function tokensIn(state: State): Token[] {
  return [...state.tokens.values()].filter(({ id }) => !state.damaged.has(id))
}

export function accountsIn(state: State): Account[] {
  return [...state.accounts.values()].filter(({ id }) => !state.damaged.has(id))
}

export function onceName(caller: string, key: string): string {
  return JSON.stringify([caller, key])
}

/** What a token made, and what that made, in the order of their serials. Damaged rows still tell who made whom. */
export function descendantsIn(state: State, id: TokenId): Token[] {
  const all = [...state.tokens.values()].sort((a, b) => a.serial - b.serial)
  const made = new Set<TokenId>()
  // A generation at a time, since a token may have adopted one that is older than itself.
  for (let makers = new Set([id]); makers.size > 0;) {
    const next = all.filter((token) => token.parentTokenId !== null && makers.has(token.parentTokenId))
    makers = new Set(next.map((token) => token.id).filter((one) => !made.has(one)))
    for (const one of makers) made.add(one)
  }
  return all.filter((token) => made.has(token.id) && !state.damaged.has(token.id))
}

/** The tokens above this one, nearest first, up to the first that a manager made; `undefined` when one is missing. */
export function ancestorsIn(state: State, token: Token): Ancestor[] | undefined {
  if (token.parentTokenId === null || isMadeByManager(token)) return []
  const parent = tokenIn(state, token.parentTokenId)
  if (parent?.kind === 'manager') return []
  const above = parent && ancestorsIn(state, parent)
  if (parent === undefined || above === undefined || above.length >= ancestorsMax) return undefined
  return [{ id: parent.id, rateLimit: parent.rateLimit }, ...above]
}
