import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import {
  actorOf,
  deployment,
  dayMs,
  newAccountId,
  newUuid,
  operatorCaller,
  unused,
  type Account,
  type Change,
  type ChangeLog,
  type CommitOutcome,
  type LogEntry,
  type LogFollower,
  type Page,
  type PagePosition,
  type Project,
  type Position,
  type Session,
  type Token,
  type TokenId,
  type TokenLimits,
  type Write,
} from '@chatelaine/core'
import { generateToken, randomBase62 } from '@chatelaine/token'

const random = (count: number): Uint8Array => randomBytes(count)

/** When everything in these tests happens, unless it says otherwise. */
export const noon = Date.UTC(2026, 10, 22, 12)

export const plenty: TokenLimits = { permanentMax: 1_000, liveMax: 10_000 }

export function sampleAccount(fields: Partial<Account> = {}): Account {
  const id = newAccountId(random)
  return {
    id,
    serial: 0,
    uuid: newUuid(random),
    username: `user-${id.slice(4).toLowerCase()}-${randomBase62(4, random).toLowerCase()}`,
    email: null,
    name: 'Ada',
    role: 'member',
    status: 'active',
    externalId: null,
    identity: null,
    passwordHash: null,
    createdAt: noon,
    changedSeq: 0,
    lastSignInAt: null,
    ...fields,
  }
}

/** A temporary manager token, or one of an account or a project when the fields say so. */
export function sampleToken(fields: Partial<Token> = {}): Token {
  const kind = fields.projectId ? 'project' : fields.accountId ? 'account' : 'manager'
  const { id, start } = generateToken({ prefix: 'chl', kind }, random)
  return {
    id: id as TokenId,
    serial: 0,
    uuid: newUuid(random),
    kind,
    accountId: null,
    projectId: null,
    label: 'laptop',
    start,
    isActive: true,
    scopes: ['data:read'],
    scopesVersion: 0,
    allowedIps: [],
    metadata: {},
    createdAt: noon,
    createdBy: null,
    parentTokenId: null,
    origin: 'api',
    notBefore: null,
    expiresAt: noon + dayMs,
    revokedAt: null,
    revokedReason: null,
    digest: `k0:${randomBase62(43, random)}`,
    rateLimit: null,
    usesGranted: null,
    renewableUntil: null,
    firstLifetimeMs: dayMs,
    rotation: null,
    changedSeq: 0,
    use: unused,
    ...fields,
  }
}

/** A project with these members, the first as its owner. */
export function sampleProject(members: readonly Account[], fields: Partial<Project> = {}): Project {
  return {
    id: `prj_${randomBase62(16, random)}`,
    serial: 0,
    uuid: newUuid(random),
    name: 'Atlas',
    description: '',
    status: 'active',
    members: members.map(({ id }, index) => ({ accountId: id, role: index === 0 ? 'owner' : 'member', since: noon })),
    createdAt: noon,
    policy: {},
    changedSeq: 0,
    ...fields,
  }
}

export function sampleSession(account: Account, fields: Partial<Session> = {}): Session {
  const digest = `k0:${randomBase62(43, random)}`
  return {
    id: `ses_${randomBase62(16, random)}`,
    digest,
    accountId: account.id,
    createdAt: noon,
    lastSeenAt: noon,
    ...fields,
  }
}

const bySystem = { at: noon, actor: actorOf(operatorCaller), details: {}, guards: [] } as const

/** A change of which only what matters is said. */
export function change(write: Write, fields: Partial<Change> = {}): Change {
  return { ...bySystem, effect: 'none', ...describeWrite(write), write, ...fields }
}

function describeWrite(write: Write): Pick<Change, 'action' | 'subject'> {
  if ('remove' in write) {
    return write.remove === 'token'
      ? { action: 'token.forgotten', subject: { type: 'token', id: write.token.id } }
      : { action: 'account.signed_out', subject: { type: 'account', id: 'acc_0000000000000000' } }
  }
  switch (write.put) {
    case 'token':
      return { action: 'token.updated', subject: { type: 'token', id: write.token.id } }
    case 'account':
      return { action: 'account.updated', subject: { type: 'account', id: write.account.id } }
    case 'project':
      return { action: 'project.updated', subject: { type: 'project', id: write.project.id } }
    case 'session':
      return { action: 'account.signed_in', subject: { type: 'account', id: write.session.accountId } }
    case 'settings':
      return { action: 'deployment.policy_changed', subject: deployment }
    case 'nothing':
      return { action: 'token.exposed', subject: { type: 'token', id: 'tok_0000000000000000' } }
  }
}

export type TokenWriteOptions = Partial<Omit<Extract<Write, { put: 'token' }>, 'put' | 'token'>>

export function putToken(token: Token, more: TokenWriteOptions = {}, fields: Partial<Change> = {}): Change {
  return change({ put: 'token', token, ...more }, fields)
}

export function putAccount(account: Account, fields: Partial<Change> = {}): Change {
  return change({ put: 'account', account }, fields)
}

export function requireCommitted(outcome: CommitOutcome): Extract<CommitOutcome, { outcome: 'committed' }> {
  assert.equal(outcome.outcome, 'committed', JSON.stringify(outcome))
  return outcome
}

/** Writes a token and gives it back as it was stored. */
export async function storeToken(
  { log }: { log: ChangeLog },
  token: Token,
  more: TokenWriteOptions = {},
): Promise<Token> {
  const { written } = requireCommitted(await log.commit([putToken(token, more)]))
  assert.ok(written[0]?.type === 'token')
  return written[0].token
}

/** Writes an account and gives it back as it was stored. */
export async function storeAccount({ log }: { log: ChangeLog }, account: Account): Promise<Account> {
  const { written } = requireCommitted(await log.commit([putAccount(account)]))
  assert.ok(written[0]?.type === 'account')
  return written[0].account
}

/** Writes a project and gives it back as it was stored. */
export async function storeProject({ log }: { log: ChangeLog }, project: Project): Promise<Project> {
  const { written } = requireCommitted(await log.commit([change({ put: 'project', project })]))
  assert.ok(written[0]?.type === 'project')
  return written[0].project
}

/** What a follower was told. */
export class Notes implements LogFollower {
  readonly entries: LogEntry[] = []
  readonly resets: Position[] = []
  withheldFrom: number | undefined

  applied(entries: readonly LogEntry[]): void {
    this.entries.push(...entries)
  }

  reset(position: Position): void {
    this.resets.push(position)
  }

  withheld(fromSeq: number | undefined): void {
    this.withheldFrom = fromSeq
  }
}

/** All pages of a list, one after the other. */
export async function allPages<T>(read: (after: PagePosition | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  for (let after: PagePosition | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await read(after)
    items.push(...page.items)
    after = page.next
  }
  return items
}
