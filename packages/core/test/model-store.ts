import {
  dayMs,
  foldName,
  hourOf,
  isSameIdentity,
  isLive,
  isSessionOver,
  memberOf,
  ownerOf,
  type AccountStore,
  type ChangeLog,
  type EpochMs,
  type HandoffNote,
  type HandoffStore,
  type Housekeeping,
  type LogEntry,
  type LogFollower,
  type LogSource,
  type ObservedUse,
  type OnceStore,
  type Policy,
  type Position,
  type ProjectStore,
  type SessionStore,
  type SettingsStore,
  type Token,
  type TokenId,
  type TokenStore,
  type UsageCount,
  type UsageStore,
} from '@chatelaine/core'
import { commitTo } from './model/commit.ts'
import { exportLog, modelAuditKeys } from './model/export.ts'
import { fits, listAccounts, listProjects, listTokens, readLog } from './model/query.ts'
import {
  accountIn,
  accountsIn,
  copyOf,
  descendantsIn,
  ancestorsIn,
  emptyState,
  onceName,
  projectIn,
  projectsIn,
  settingsIn,
  tokenIn,
  tokensIn,
  type State,
} from './model/state.ts'
import { mostVerified, sumUsage } from './model/usage.ts'
import { byAddress, sumByAddress } from './model/used-from.ts'

/**
 * The ports in memory, as a model: every sentence of `ports.ts` holds here in the plainest way, so that what a real
 * backend answers can be compared with what this one answers. It keeps everything for ever and is fast for nobody.
 */
export class ModelStore {
  /** Awaited between writing a commit, which reads see at once, and telling the followers. */
  beforeDelivery: (() => Promise<void>) | undefined

  #epoch: string
  #state: State = emptyState()
  #position: Position
  /** Where commits ended. */
  readonly #headSeqs: number[] = []
  #usage: UsageCount[] = []
  #observed: ObservedUse[] = []
  readonly #notes = new Map<string, HandoffNote>()
  #delivered: Promise<void> = Promise.resolve()
  readonly #followers: LogFollower[] = []

  constructor(epoch = 'model') {
    this.#epoch = epoch
    this.#position = { epoch, seq: 0 }
  }

  readonly log: ChangeLog = {
    commit: async (changes, once) => {
      const draft = copyOf(this.#state)
      const outcome = commitTo(draft, this.#epoch, changes, once)
      if (outcome.outcome !== 'committed') return outcome
      const entries = draft.log.slice(this.#state.log.length).map(({ entry }) => entry)
      this.#state = draft
      this.#headSeqs.push(draft.log.length)
      await this.#deliver(entries)
      return outcome
    },
    read: async (query) => {
      const { items, next } = readLog(this.#state.log, query)
      return { items: items.map(({ entry }) => entry), next }
    },
    export: async (filters, at) => exportLog(this.#state.log, this.#headSeqs, filters, at),
    auditKeys: async () => modelAuditKeys(),
  }

  readonly source: LogSource = {
    follow: (follower) => void this.#followers.push(follower),
    position: () => this.#position,
  }

  readonly once: OnceStore = {
    find: async (caller, key, now) => {
      const once = this.#state.once.get(onceName(caller, key))
      return once && once.at > now - dayMs ? once : undefined
    },
  }

  readonly handoffs: HandoffStore = {
    leave: async (note, { now, waitingMax }) => {
      const waiting = [...this.#notes.values()].filter(({ endsAt }) => endsAt > now)
      if (waiting.some(({ name }) => name === note.name)) return 'taken'
      if (waiting.length >= waitingMax) return 'full'
      this.#notes.set(note.name, note)
      return 'kept'
    },
    find: async (name, now) => {
      const note = this.#notes.get(name)
      return note && note.endsAt > now ? note : undefined
    },
  }

  readonly tokens: TokenStore = {
    find: async (id) => tokenIn(this.#state, id),
    findStanding: async (id, projectId) => {
      const token = tokenIn(this.#state, id)
      if (token === undefined) return undefined
      const ancestors = ancestorsIn(this.#state, token)
      if (ancestors === undefined) return undefined
      const settings = settingsIn(this.#state)
      const own = token.projectId === null ? undefined : projectIn(this.#state, token.projectId)
      if (token.projectId !== null && own === undefined) return undefined
      const rest = { ancestors, settings, projectPolicy: own?.policy }
      if (token.accountId === null) return { token, owner: null, memberOf: null, ...rest }
      const account = accountIn(this.#state, token.accountId)
      const project = projectId && projectIn(this.#state, projectId)
      const isMember = project?.status === 'active' && memberOf(project, token.accountId) !== undefined
      return account && { token, owner: ownerOf(account), memberOf: isMember ? project.id : null, ...rest }
    },
    list: async (query) => listTokens(tokensIn(this.#state), query),
    count: async (filters, stopAt) =>
      Math.min(stopAt, tokensIn(this.#state).filter((token) => fits(token, filters)).length),
    listByKey: async (keyId, now, limit) =>
      inOrder(tokensIn(this.#state), ({ serial }) => serial)
        .filter((token) => token.digest.startsWith(`${keyId}:`) && isLive(token, now))
        .slice(0, limit),
    hasLiveDescendants: async (id, now) => descendantsIn(this.#state, id).some((token) => isLive(token, now)),
    listEnded: async (endedBefore, limit) =>
      inOrder(tokensIn(this.#state), endedAt)
        .filter((token) => endedAt(token) < endedBefore && !this.#hasMade(token))
        .slice(0, limit),
    reserveUses: async (id, count) => this.#takeUses(id, count),
    returnUses: async (id, count) => void this.#takeUses(id, -count),
    recordUses: async (uses) => {
      for (const observed of uses) {
        const { tokenId, secret, firstAt, lastAt, lastIp, lastClient, count } = observed
        const token = tokenIn(this.#state, tokenId)
        if (token === undefined) continue
        this.#observed.push(observed)
        const { use } = token
        const latest = (use.lastAt ?? 0) <= lastAt ? { lastAt, lastIp, lastClient } : {}
        const isOld = secret === 'old' && (use.oldLastAt ?? 0) <= lastAt
        const old = isOld ? { oldLastAt: lastAt, oldLastIp: lastIp } : {}
        const added = {
          firstAt: Math.min(use.firstAt ?? firstAt, firstAt),
          count: use.count + count,
          ...latest,
          ...old,
        }
        this.#state.tokens.set(tokenId, { ...token, use: { ...use, ...added } })
      }
    },
    usedFrom: async (id, hours, limit) => {
      const known = tokenIn(this.#state, id) === undefined ? [] : this.#observed
      return sumByAddress(byAddress(known), id, hours, limit)
    },
    forgetAddressesBefore: async (at) => {
      this.#observed = this.#observed.filter(({ firstAt }) => hourOf(firstAt) >= at)
    },
  }

  #hasMade({ id }: Token): boolean {
    return [...this.#state.tokens.values()].some(({ parentTokenId }) => parentTokenId === id)
  }

  #takeUses(id: TokenId, count: number): { reserved: number; left: number } {
    const token = tokenIn(this.#state, id)
    const before = token?.use.left ?? 0
    const reserved = Math.min(count, before)
    const left = Math.min(before - reserved, token?.usesGranted ?? 0)
    if (token !== undefined && token.usesGranted !== null) {
      this.#state.tokens.set(id, { ...token, use: { ...token.use, left } })
    }
    return { reserved, left }
  }

  readonly accounts: AccountStore = {
    find: async (id) => accountIn(this.#state, id),
    findByUsername: async (username) =>
      accountsIn(this.#state).find((account) => foldName(account.username) === foldName(username)),
    findByEmail: async (email) =>
      accountsIn(this.#state).find((account) => account.email !== null && foldName(account.email) === foldName(email)),
    findByIdentity: async (identity) =>
      accountsIn(this.#state).find((account) => isSameIdentity(account.identity, identity)),
    list: async (query) => listAccounts(accountsIn(this.#state), query),
    hasAdministrator: async () => accountsIn(this.#state).some(({ role }) => role === 'admin'),
  }

  readonly projects: ProjectStore = {
    find: async (id) => projectIn(this.#state, id),
    list: async (query) => listProjects(projectsIn(this.#state), query),
  }

  readonly settings: SettingsStore = {
    read: async () => settingsIn(this.#state),
  }

  readonly sessions: SessionStore = {
    find: async (sessionId) => {
      const session = this.#state.sessions.get(sessionId)
      const account = session && accountIn(this.#state, session.accountId)
      return session && account && { session, account }
    },
    touch: async (sessionId, at) => {
      const session = this.#state.sessions.get(sessionId)
      if (session === undefined) return
      this.#state.sessions.set(sessionId, { ...session, lastSeenAt: Math.max(session.lastSeenAt, at) })
    },
  }

  readonly usage: UsageStore = {
    add: async (counts) => void this.#usage.push(...counts),
    sum: async (scope, extent) => sumUsage(this.#usage, scope, extent),
    topTokens: async (scope, extent, limit) => ({
      from: extent.from,
      tokens: mostVerified(this.#usage, scope, extent).slice(0, limit),
    }),
    forgetBefore: async (at) => {
      this.#usage = this.#usage.filter(({ hourAt }) => hourAt >= at)
    },
  }

  readonly housekeeping: Housekeeping = {
    removeOutdated: async (now) => {
      const { sessions, once } = this.#state
      for (const [id, session] of sessions) if (isSessionOver(session, now)) sessions.delete(id)
      for (const [name, { at }] of once) if (at <= now - dayMs) once.delete(name)
      for (const [name, { endsAt }] of this.#notes) if (endsAt <= now) this.#notes.delete(name)
    },
    // Nothing is sealed here: who could alter a model from outside?
    reseal: async () => 0,
  }

  /** Every entry of the log, the first one first. */
  get entries(): LogEntry[] {
    return this.#state.log.map(({ entry }) => entry)
  }

  /** What waits for the other side of a hand-off. */
  get notes(): HandoffNote[] {
    return [...this.#notes.values()]
  }

  get epoch(): string {
    return this.#epoch
  }

  /** Goes on as after a restore that undoes nothing: what was known stands, under another name. */
  beginEpoch(epoch: string): void {
    this.#epoch = epoch
    this.#position = { ...this.#position, epoch }
  }

  /** Keeps what was committed so far, as a backup does. What it answers puts all of it back, in the epoch of then. */
  backUp(): () => void {
    const [state, epoch, position, headCount] = [this.#state, this.#epoch, this.#position, this.#headSeqs.length]
    return () => {
      this.#state = state
      this.#epoch = epoch
      this.#position = position
      this.#headSeqs.length = headCount
    }
  }

  /** Begins with this policy, as if it had always been in force. */
  presetPolicy(policy: Policy): void {
    this.#state.settings = { ...this.#state.settings, policy }
  }

  /** Treats the row of a token or an account from now on as one whose seal does not fit. */
  damage(id: string): void {
    this.#state.damaged.add(id)
  }

  /** One commit after the other, however long one of them is held. */
  #deliver(entries: readonly LogEntry[]): Promise<void> {
    this.#delivered = this.#deliverAfter(this.#delivered, entries)
    return this.#delivered
  }

  async #deliverAfter(earlier: Promise<void>, entries: readonly LogEntry[]): Promise<void> {
    await earlier
    await this.beforeDelivery?.()
    this.#position = { epoch: this.#epoch, seq: entries.at(-1)!.seq }
    for (const follower of this.#followers) follower.applied(entries)
  }
}

function inOrder(tokens: readonly Token[], by: (token: Token) => number): Token[] {
  return tokens.toSorted((a, b) => by(a) - by(b) || a.serial - b.serial)
}

function endedAt({ revokedAt, expiresAt }: Token): EpochMs {
  return Math.min(revokedAt ?? Infinity, expiresAt ?? Infinity)
}
