import assert from 'node:assert/strict'
import {
  revoked,
  type Account,
  type Change,
  type CommitOutcome,
  type Guard,
  type Once,
  type Project,
  type Session,
  type Token,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import type { ModelStore } from '../../packages/core/test/model-store.ts'
import {
  change,
  noon,
  putToken,
  sampleAccount,
  sampleProject,
  sampleSession,
  sampleToken,
} from '../../packages/storage/test/samples.ts'
import type { Storage } from './suite.ts'

/** The store under test and the model, which are told the same. */
export interface Pair {
  readonly store: Storage
  readonly model: ModelStore
}

/** What was written so far, in all its versions, so that a command can also build on an outdated one. */
export interface Known {
  readonly accounts: Account[]
  readonly tokens: Token[]
  readonly projects: Project[]
  readonly sessions: Session[]
}

/** Commits the same to both, which must answer alike. */
async function commitBoth(known: Known, { store, model }: Pair, changes: Change[], once?: Once): Promise<void> {
  const expected = await model.log.commit(changes, once)
  const actual: CommitOutcome = await store.log.commit(changes, once)
  assert.deepEqual(actual, expected)
  if (expected.outcome !== 'committed') return
  for (const written of expected.written) {
    if (written.type === 'token') known.tokens.push(written.token)
    if (written.type === 'account') known.accounts.push(written.account)
    if (written.type === 'project') known.projects.push(written.project)
  }
}

type Command = fc.AsyncCommand<Known, Pair>

/** A command of which only what it does is said; `needs` is what must have been written before. */
function command(name: string, needs: keyof Known | undefined, run: Command['run']): Command {
  return { check: (known) => needs === undefined || known[needs].length > 0, run, toString: () => name }
}

function pick<T>(items: readonly T[], at: number): T {
  return items[at % items.length]!
}

const limits = fc.record({ permanentMax: fc.integer({ min: 1, max: 3 }), liveMax: fc.integer({ min: 2, max: 8 }) })
const at = fc.nat({ max: 30 })
const guards = fc.constantFrom<Guard[]>(
  [],
  [],
  [{ guard: 'administrator-remains' }],
  [{ guard: 'no-administrator-yet' }],
)

const accountFields = fc.record({
  username: fc.constantFrom('Ada', 'ADA', 'bob', 'Eve', 'ünal', 'ÜNAL'),
  email: fc.constantFrom(null, 'a@b.c', 'A@B.C'),
  externalId: fc.constantFrom(null, 'x', 'X'),
  role: fc.constantFrom('member', 'admin'),
  status: fc.constantFrom('active', 'disabled'),
})

const tokenFields = fc.record({
  label: fc.constantFrom('alpha', 'Beta', 'Ärger', ''),
  isActive: fc.boolean(),
  expiresAt: fc.constantFrom(null, null, noon + 50, noon + 100),
})

const endings = fc.constantFrom(
  {},
  { endSessions: true, endTokens: 'made-for-projects' } as const,
  { endSessions: true, endTokens: 'own' } as const,
)

export const commandArbitraries: readonly fc.Arbitrary<Command>[] = [
  fc
    .tuple(accountFields, guards)
    .map(([fields, guards]) =>
      command(`create account ${fields.username}`, undefined, (known, pair) =>
        commitBoth(known, pair, [change({ put: 'account', account: sampleAccount(fields) }, { guards })]),
      ),
    ),
  fc.tuple(at, accountFields, guards, endings).map(([at, fields, guards, ending]) =>
    command(`change account ${at}`, 'accounts', (known, pair) => {
      const account = { ...pick(known.accounts, at), ...fields }
      return commitBoth(known, pair, [change({ put: 'account', account, ...ending }, { guards })])
    }),
  ),
  fc.tuple(at, tokenFields, limits, fc.boolean()).map(([at, fields, limits, isOwned]) =>
    command(`create token ${fields.label}`, undefined, (known, pair) => {
      const accountId = isOwned && known.accounts.length > 0 ? pick(known.accounts, at).id : null
      const parentTokenId = at % 2 === 0 && known.tokens.length > 0 ? pick(known.tokens, at).id : null
      return commitBoth(known, pair, [putToken(sampleToken({ ...fields, accountId, parentTokenId }), { limits })])
    }),
  ),
  fc
    .tuple(at, tokenFields, limits, fc.boolean())
    .map(([at, fields, limits, isLimited]) =>
      command(`change token ${at}`, 'tokens', (known, pair) =>
        commitBoth(known, pair, [putToken({ ...pick(known.tokens, at), ...fields }, isLimited ? { limits } : {})]),
      ),
    ),
  fc.tuple(at, fc.constantFrom('Atlas', 'beta', 'Beta')).map(([at, name]) =>
    command(`create project ${name}`, 'accounts', (known, pair) => {
      const ids = [pick(known.accounts, at), pick(known.accounts, at + 1)]
      const members = ids[0]!.id === ids[1]!.id ? ids.slice(1) : ids
      return commitBoth(known, pair, [change({ put: 'project', project: sampleProject(members, { name }) })])
    }),
  ),
  fc.tuple(at, fc.boolean(), fc.boolean()).map(([at, isArchived, endsAll]) =>
    command(`change project ${at}`, 'projects', (known, pair) => {
      const before = pick(known.projects, at)
      const status = isArchived ? 'archived' : 'active'
      const project: Project = { ...before, status, members: before.members.slice(0, 1) }
      const endTokens = endsAll ? 'all' : { createdBy: before.members.at(-1)!.accountId }
      return commitBoth(known, pair, [change({ put: 'project', project, endTokens }, { effect: 'takes' })])
    }),
  ),
  fc.tuple(at, tokenFields, limits).map(([at, fields, limits]) =>
    command(`create project token ${at}`, 'projects', (known, pair) => {
      const project = pick(known.projects, at)
      const createdBy = project.members.at(-1)!.accountId
      const token = sampleToken({ ...fields, projectId: project.id, createdBy })
      return commitBoth(known, pair, [putToken(token, { limits })])
    }),
  ),
  fc.tuple(at, fc.boolean()).map(([at, alone]) =>
    command(`revoke token ${at}`, 'tokens', (known, pair) => {
      const token = revoked(pick(known.tokens, at), noon + at, 'revoked')
      const fields = { at: noon + at, action: 'token.revoked', effect: 'takes' } as const
      return commitBoth(known, pair, [putToken(token, alone ? {} : { descendants: 'revoke' }, fields)])
    }),
  ),
  at.map((at) =>
    command(`remove token ${at}`, 'tokens', (known, pair) =>
      commitBoth(known, pair, [change({ remove: 'token', token: pick(known.tokens, at) })]),
    ),
  ),
  fc.tuple(at, at).map(([at, other]) =>
    command(`two changes, of tokens ${at} and ${other}`, 'tokens', (known, pair) => {
      const [one, two] = [pick(known.tokens, at), pick(known.tokens, other)]
      const guards: Guard[] = [{ guard: 'token-unchanged', id: two.id, changedSeq: two.changedSeq }]
      return commitBoth(known, pair, [putToken({ ...one, label: 'both' }, {}, { guards }), putToken(two)])
    }),
  ),
  fc.tuple(fc.constantFrom('k1', 'k2'), fc.nat({ max: 100_000_000 })).map(([key, later]) =>
    command(`create once ${key}`, undefined, async (known, pair) => {
      const once = { caller: 'acc_1', key, fingerprint: 'k0:f', at: noon + later }
      await commitBoth(known, pair, [putToken(sampleToken())], once)
      assert.deepEqual(
        await pair.store.once.find('acc_1', key, once.at),
        await pair.model.once.find('acc_1', key, once.at),
      )
    }),
  ),
  at.map((at) =>
    command(`sign in ${at}`, 'accounts', async (known, pair) => {
      const session = sampleSession(pick(known.accounts, at), { createdAt: noon + at })
      known.sessions.push(session)
      await commitBoth(known, pair, [change({ put: 'session', session })])
    }),
  ),
  fc.tuple(at, fc.boolean()).map(([at, isEnded]) =>
    command(`${isEnded ? 'end' : 'find'} session ${at}`, 'sessions', async (known, pair) => {
      const { id } = pick(known.sessions, at)
      if (isEnded) await commitBoth(known, pair, [change({ remove: 'session', sessionId: id })])
      assert.deepEqual(await pair.store.sessions.find(id), await pair.model.sessions.find(id))
    }),
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 99 }), fc.constantFrom('newest', 'old')).map(([at, usedAt, secret]) =>
    command(`use token ${at}`, 'tokens', async (known, { store, model }) => {
      const tokenId = pick(known.tokens, at).id
      const when = { firstAt: usedAt, lastAt: usedAt + 1, lastIp: `ip${usedAt}` }
      const uses = [{ tokenId, secret, ...when, lastClient: null, count: 2 }] as const
      await model.tokens.recordUses(uses)
      await store.tokens.recordUses(uses)
      const hours = { from: 0, until: noon }
      assert.deepEqual(await store.tokens.usedFrom(tokenId, hours, 3), await model.tokens.usedFrom(tokenId, hours, 3))
      assert.deepEqual(await store.tokens.findStanding(tokenId), await model.tokens.findStanding(tokenId))
      assert.equal(
        await store.tokens.hasLiveDescendants(tokenId, noon),
        await model.tokens.hasLiveDescendants(tokenId, noon),
      )
    }),
  ),
]
