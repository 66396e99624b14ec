import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  changePolicy,
  changeProject,
  changeToken,
  contradictionsIn,
  createProject,
  dayMs,
  defaultPolicy,
  endOverdue,
  isTighter,
  issueToken,
  operatorCaller,
  overridden,
  previewPolicy,
  readSettings,
  renewSelf,
  revokeSelf,
  rotateToken,
  secondMs,
  type Caller,
  type Policy,
  type Token,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { refuses } from './failures.ts'
import {
  actionsSince,
  makeAccount,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  reread,
  startAt,
  verify,
} from './world.ts'
import type { World } from './world.ts'

const daySeconds = dayMs / secondMs

function set(world: World, parts: Partial<Policy>, caller: Caller = operatorCaller) {
  return changePolicy(world.ports, caller, { ...defaultPolicy, ...parts })
}

async function makeProject(world: World, owner: Caller) {
  return (await createProject(world.ports, owner, { name: 'Atlas' })).project
}

describe('a policy', () => {
  test('that contradicts itself is refused, both parts named, and nothing changes', async () => {
    const world = makeWorld()
    const failure = await refuses('invalid-request', () =>
      set(world, { longestLifetimeSeconds: 60, permanentTokensMax: 7, tokensPerOwnerMax: 6 }),
    )
    assert.deepEqual(
      failure.fields.map(({ pointer }) => pointer),
      [
        '/policy/temporary_lifetime_seconds',
        '/policy/longest_lifetime_seconds',
        '/policy/permanent_tokens_max',
        '/policy/tokens_per_owner_max',
      ],
    )
    assert.deepEqual(world.store.entries, [])
  })

  test('is set and read by the operator, by administrators and by managers with the scope, and by nobody else', async () => {
    const world = makeWorld()
    const admin = await makePerson(world, { role: 'admin' })
    const reader = await makeManager(world, { scopes: ['chatelaine.settings:read'] })
    const writer = await makeManager(world, { scopes: ['chatelaine.settings:write'] })
    await set(world, { permanentTokensMax: 4 }, admin)
    await set(world, { permanentTokensMax: 3 }, writer.caller)
    assert.equal((await readSettings(world.ports, reader.caller)).policy.permanentTokensMax, 3)
    await refuses('scope-missing', () => set(world, {}, reader.caller))
    await refuses('not-permitted', async () => set(world, {}, await makePerson(world)))
    await refuses('not-permitted', async () => readSettings(world.ports, await makePerson(world)))
  })

  test('that is set again writes nothing', async () => {
    const world = makeWorld()
    await set(world, { permanentTokensMax: 4 })
    const { length } = world.store.entries
    await set(world, { permanentTokensMax: 4 })
    assert.equal(world.store.entries.length, length)
  })

  test('takes when any part is tighter, also where others are looser, and gives otherwise', async () => {
    const world = makeWorld()
    await set(world, { permanentTokensMax: 9 })
    await set(world, { permanentTokensMax: 9, tokensPerOwnerMax: 2_000, membersMayCreate: false })
    assert.deepEqual(
      world.store.entries.map(({ effect, details }) => [effect, details]),
      [
        ['gives', { permanent_tokens_max: { from: 5, to: 9 } }],
        ['takes', { tokens_per_owner_max: { from: 1_000, to: 2_000 }, members_may_create: { from: true, to: false } }],
      ],
    )
  })

  test('is never tighter than itself, and of two that differ one is tighter than the other', () => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        assert.equal(isTighter(a, a), false)
        const { temporaryLifetimeSeconds } = a
        const differ = JSON.stringify(a) !== JSON.stringify({ ...b, temporaryLifetimeSeconds })
        assert.equal(isTighter(a, b) || isTighter(b, a), differ)
      }),
    )
  })

  test('that a project overrides in part contradicts itself no more than before', () => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        assert.deepEqual(contradictionsIn(overridden(a, b)), [])
      }),
    )
  })
})

describe('the longest lifetime', () => {
  test('bounds what is made: an expiry, a permanent token and a renewal beyond it are refused', async () => {
    const world = makeWorld({ policy: { longestLifetimeSeconds: 2 * daySeconds } })
    const person = await makePerson(world)
    const make = (ask: object) => issueToken(world.ports, person, { origin: 'api', ...ask })
    await refuses('lifetime-too-long', () => make({ life: { permanent: true } }))
    await refuses('lifetime-too-long', () => make({ life: { expiresAt: startAt + 2 * dayMs + 1 } }))
    await refuses('lifetime-too-long', () => make({ renewableUntil: startAt + 2 * dayMs + 1 }))
    await make({ life: { expiresAt: startAt + 2 * dayMs } })
    await make({ renewableUntil: startAt + 2 * dayMs })
  })

  test('bounds what is changed, counted from the creation, and leaves other changes of older tokens alone', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const older = await makeToken(world, person, { life: { permanent: true } })
    const { token } = await makeToken(world, person)
    await set(world, { longestLifetimeSeconds: 2 * daySeconds })
    world.clock.pass(dayMs / 2)
    const change = (of: Token, edit: object) => changeToken(world.ports, person, of.id, edit)
    await refuses('lifetime-too-long', () => change(token, { expiresAt: null }))
    await refuses('lifetime-too-long', () => change(token, { expiresAt: startAt + 2 * dayMs + 1 }))
    await change(token, { expiresAt: startAt + 2 * dayMs })
    await change(older.token, { label: 'renamed' })
  })

  test('ends tokens at use, permanent ones too, to the millisecond, and says so in advance', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { text, caller } = await makeToken(world, person, { life: { permanent: true } })
    assert.equal(await verify(world, text), 'valid')
    await set(world, { longestLifetimeSeconds: daySeconds })
    world.clock.pass(dayMs - 1)
    assert.equal(await verify(world, text), 'valid')
    world.clock.pass(1)
    assert.equal(await verify(world, text), 'expired')
    await refuses('token-ended', () => changeToken(world.ports, person, caller.token.id, { label: 'later' }))
    await refuses('token-ended', () => rotateToken(world.ports, person, caller.token.id))
  })

  test('bounds a renewal, and what a token makes', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const life = { lifetimeSeconds: 2 * daySeconds }
    const { caller } = await makeToken(world, person, { life, renewableUntil: startAt + 9 * dayMs })
    await set(world, { longestLifetimeSeconds: 3 * daySeconds })
    world.clock.pass(1.5 * dayMs)
    const made = await makeToken(world, caller, { life: { expiresAt: startAt + 2 * dayMs } })
    assert.equal(made.token.expiresAt, startAt + 2 * dayMs)
    const renewed = await renewSelf(world.ports, caller)
    assert.equal(renewed.token.expiresAt, startAt + 3 * dayMs)
  })

  test('of whoever asks is also that of what it makes: a child does not outlive a permanent token that policy ends', async () => {
    const world = makeWorld({ policy: { longestLifetimeSeconds: 2 * daySeconds } })
    const person = await makePerson(world)
    world.store.presetPolicy(defaultPolicy)
    const { caller } = await makeToken(world, person, { life: { permanent: true } })
    await set(world, { longestLifetimeSeconds: 2 * daySeconds })
    world.clock.pass(1.5 * dayMs)
    assert.equal((await makeToken(world, caller)).token.expiresAt, startAt + 2 * dayMs)
    await refuses('exceeds-caller', () => makeToken(world, caller, { life: { expiresAt: startAt + 2 * dayMs + 1 } }))
  })

  test('does not bound managers', async () => {
    const world = makeWorld({ policy: { longestLifetimeSeconds: daySeconds } })
    const manager = await makeManager(world, { scopes: ['chatelaine.audit:read'] })
    world.clock.pass(2 * dayMs)
    assert.equal(await verify(world, manager.text, { kinds: ['manager'] }), 'valid')
  })

  test('that was over stays over when policy allows more again', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token, text } = await makeToken(world, person, { life: { permanent: true } })
    await set(world, { longestLifetimeSeconds: daySeconds })
    world.clock.pass(dayMs)
    await set(world, {})
    assert.equal(await verify(world, text), 'revoked')
    assert.equal((await reread(world, token)).revokedReason, 'policy')
  })

  test('that is over is noted for good now and then', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { token } = await makeToken(world, person, { life: { permanent: true } })
    assert.equal(await endOverdue(world.ports), 0)
    await set(world, { longestLifetimeSeconds: daySeconds })
    world.clock.pass(dayMs)
    assert.equal(await endOverdue(world.ports), 1)
    assert.notEqual((await reread(world, token)).revokedAt, null)
    assert.equal(await endOverdue(world.ports), 0)
  })

  test('that only a project has is noted too, however many projects there are, and of no other owner', async () => {
    const world = makeWorld()
    const owner = await makePerson(world)
    for (let index = 0; index < 201; index += 1) await makeProject(world, owner)
    const project = (await createProject(world.ports, owner, { name: 'Zenith' })).project
    const life = { permanent: true } as const
    const own = await makeToken(world, owner, { life })
    const shared = await makeToken(world, owner, { projectId: project.id, life })
    const change = (policy: object) => changeProject(world.ports, operatorCaller, project.id, { policy })
    await change({ longestLifetimeSeconds: daySeconds })
    world.clock.pass(dayMs - 1)
    assert.equal(await endOverdue(world.ports), 0)
    world.clock.pass(1)
    assert.equal(await endOverdue(world.ports), 1)
    assert.equal((await reread(world, shared.token)).revokedReason, 'policy')
    assert.equal((await reread(world, own.token)).revokedAt, null)
    assert.equal(await endOverdue(world.ports), 0)
  })
})

describe('a limit that is lowered', () => {
  test('leaves each owner its oldest tokens and revokes the newest, before it answers', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const other = await makePerson(world)
    const texts = []
    for (let index = 0; index < 3; index += 1) {
      texts.push((await makeToken(world, person, { life: { permanent: true } })).text)
      world.clock.pass(1)
    }
    const others = await makeToken(world, other, { life: { permanent: true } })
    for (const text of texts) assert.equal(await verify(world, text), 'valid')
    const seq = world.store.entries.length
    await set(world, { permanentTokensMax: 1 })
    assert.deepEqual(actionsSince(world, seq), ['deployment.policy_changed', 'token.revoked', 'token.revoked'])
    const codes = await Promise.all(texts.map((text) => verify(world, text)))
    assert.deepEqual(codes, ['valid', 'revoked', 'revoked'])
    assert.equal(await verify(world, others.text), 'valid')
    await refuses('permanent-limit-reached', () => makeToken(world, person, { life: { permanent: true } }))
  })

  test('cuts nothing of what a token that it cut has made', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const kept = await makeToken(world, person, { life: { permanent: true } })
    world.clock.pass(1)
    const cut = await makeToken(world, person, { life: { permanent: true } })
    const child = await makeToken(world, cut.caller)
    await set(world, { permanentTokensMax: 1 })
    const codes = await Promise.all([kept, cut, child].map(({ text }) => verify(world, text)))
    assert.deepEqual(codes, ['valid', 'revoked', 'valid'])
  })

  test('holds for a token that was asked for before and is written after', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const account = await makeAccount(world)
    const made = [1, 2, 3].map(() =>
      makeToken(world, operatorCaller, { accountId: account.id, life: { permanent: true } }).then(
        () => 'made',
        (error: { key?: string }) => error.key,
      ),
    )
    const setting = set(world, { permanentTokensMax: 0 })
    await Promise.all([...made, setting])
    const page = await world.store.tokens.list({
      accountId: account.id,
      statuses: ['active', 'suspended'],
      now: world.clock.now(),
      sort: 'created_at',
      descending: false,
      limit: 9,
    })
    assert.deepEqual(page.items, [])
    await refuses('permanent-limit-reached', () => makeToken(world, person, { life: { permanent: true } }))
  })

  test('is finished by repeating it when it was interrupted', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { text } = await makeToken(world, person, { life: { permanent: true } })
    world.store.presetPolicy({ ...defaultPolicy, permanentTokensMax: 0 })
    await set(world, { permanentTokensMax: 0 })
    assert.equal(await verify(world, text), 'revoked')
  })
})

describe('a preview', () => {
  test('says what enforcement then does: which tokens end, whose, and when', async () => {
    await fc.assert(
      fc.asyncProperty(scenes, policies, async ({ tokens, override }, policy) => {
        const world = makeWorld()
        const people = [await makePerson(world), await makePerson(world)] as const
        const project = await makeProject(world, people[0])
        await changeProject(world.ports, operatorCaller, project.id, { policy: override })
        const made: { token: Token; text: string }[] = []
        for (const { owner, lifeDays, afterHours } of tokens) {
          world.clock.pass((afterHours * dayMs) / 24)
          const life = lifeDays === null ? { permanent: true as const } : { lifetimeSeconds: lifeDays * daySeconds }
          const projectId = owner === 2 ? { projectId: project.id } : {}
          const asking = makeToken(world, people[owner === 2 ? 0 : owner], { life, ...projectId })
          const one = await asking.catch(() => undefined)
          if (one !== undefined) made.push(one)
        }
        const preview = await previewPolicy(world.ports, operatorCaller, { policy })
        const before = world.store.entries.length
        const ends = new Map(made.map(({ token }) => [token.id, token.expiresAt]))
        const alreadyOver = await overNow(world, made)
        for (const { token, at } of preview.cuts) ends.set(token.id, at)

        await changePolicy(world.ports, operatorCaller, policy)
        const revocations = world.store.entries.slice(before).filter(({ action }) => action === 'token.revoked').length
        assert.equal(revocations, preview.tokensNow)
        assert.equal(preview.cuts.length, preview.tokensNow + preview.tokensLater)
        assert.equal(
          preview.owners.reduce((sum, owner) => sum + owner.now + owner.later, 0),
          preview.cuts.length,
        )
        const instants = [...new Set([...ends.values()].filter((at) => at !== null))].sort((a, b) => a - b)
        for (const at of instants.flatMap((at) => [at - 1, at])) {
          if (at < world.clock.now()) continue
          world.clock.pass(at - world.clock.now())
          for (const { token, text } of made) {
            if (alreadyOver.has(token.id)) continue
            const end = ends.get(token.id)!
            const code = await verify(world, text)
            assert.equal(code === 'valid', end === null || end > at, `${token.id} at ${at}: ${code}, foretold ${end}`)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('changes nothing', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await makeToken(world, person, { life: { permanent: true } })
    const { length } = world.store.entries
    const preview = await previewPolicy(world.ports, operatorCaller, { policy: { permanentTokensMax: 0 } })
    assert.equal(preview.tokensNow, 1)
    assert.equal(world.store.entries.length, length)
  })

  test('of a policy that contradicts itself or by whoever may not set it is refused', async () => {
    const world = makeWorld()
    await refuses('invalid-request', () =>
      previewPolicy(world.ports, operatorCaller, { policy: { longestLifetimeSeconds: 1 } }),
    )
    await refuses('not-permitted', async () => previewPolicy(world.ports, await makePerson(world), { policy: {} }))
  })
})

describe('what a project has otherwise', () => {
  test('is set by whoever may set the policy, not by its owners, and cuts as its preview says', async () => {
    const world = makeWorld()
    const owner = await makePerson(world)
    const project = await makeProject(world, owner)
    const own = await makeToken(world, owner, { life: { permanent: true } })
    const shared = await makeToken(world, owner, { projectId: project.id, life: { permanent: true } })
    assert.equal(await verify(world, shared.text), 'valid')
    const policy = { permanentTokensMax: 0, ownerRateLimit: { limit: 1, windowSeconds: 60 } }
    await refuses('not-permitted', () => changeProject(world.ports, owner, project.id, { policy }))
    const asked = { projectId: project.id, policy }
    const { cuts, owners } = await previewPolicy(world.ports, operatorCaller, asked)
    assert.deepEqual(
      cuts.map(({ token }) => token.id),
      [shared.token.id],
    )
    assert.deepEqual(owners[0]?.projectId, project.id)
    await changeProject(world.ports, operatorCaller, project.id, { policy })
    assert.equal(await verify(world, shared.text), 'revoked')
    assert.equal(await verify(world, own.text), 'valid')
    await makeToken(world, owner, { life: { permanent: true } })
    await refuses('permanent-limit-reached', () =>
      makeToken(world, owner, { projectId: project.id, life: { permanent: true } }),
    )
  })

  test('may be looser than the deployment, and must not contradict it', async () => {
    const world = makeWorld({ policy: { permanentTokensMax: 0 } })
    const owner = await makePerson(world)
    const project = await makeProject(world, owner)
    await changeProject(world.ports, operatorCaller, project.id, { policy: { permanentTokensMax: 1 } })
    await makeToken(world, owner, { projectId: project.id, life: { permanent: true } })
    await refuses('invalid-request', () =>
      changeProject(world.ports, operatorCaller, project.id, { policy: { longestLifetimeSeconds: 5 } }),
    )
  })

  test('is refused with nothing changed, also no token that policy has already ended', async () => {
    const world = makeWorld()
    const owner = await makePerson(world)
    const project = await makeProject(world, owner)
    await makeToken(world, owner, { projectId: project.id, life: { permanent: true } })
    const change = (caller: Caller, policy: object) => changeProject(world.ports, caller, project.id, { policy })
    await change(operatorCaller, { longestLifetimeSeconds: daySeconds })
    world.clock.pass(dayMs)
    const settingsOnly = await makeManager(world, { scopes: ['chatelaine.settings:write'] })
    const { length } = world.store.entries
    await refuses('scope-missing', () => change(settingsOnly.caller, {}))
    await refuses('not-permitted', () => change(owner, {}))
    await refuses('invalid-request', () => change(operatorCaller, { longestLifetimeSeconds: 5 }))
    assert.equal(world.store.entries.length, length)
  })

  test('that is loosened brings back no token whose longest lifetime was over', async () => {
    const world = makeWorld()
    const owner = await makePerson(world)
    const project = await makeProject(world, owner)
    const { text } = await makeToken(world, owner, { projectId: project.id, life: { permanent: true } })
    const change = (policy: object) => changeProject(world.ports, operatorCaller, project.id, { policy })
    await change({ longestLifetimeSeconds: daySeconds })
    world.clock.pass(dayMs)
    await change({})
    assert.equal(await verify(world, text), 'revoked')
  })

  test('ends remembered tokens of the project at once', async () => {
    const world = makeWorld()
    const owner = await makePerson(world)
    const project = await makeProject(world, owner)
    const { text } = await makeToken(world, owner, { projectId: project.id, life: { permanent: true } })
    world.clock.pass(dayMs)
    assert.equal(await verify(world, text), 'valid')
    const policy = { longestLifetimeSeconds: daySeconds }
    await changeProject(world.ports, operatorCaller, project.id, { policy })
    assert.equal(await verify(world, text), 'revoked')
  })
})

describe('rights that policy gives', () => {
  test('where it asks for a role in a project, accounts without one get no token of their own, but for administrators', async () => {
    const world = makeWorld({ policy: { creationRequiresProjectRole: true } })
    const person = await makePerson(world)
    await refuses('not-permitted', () => makeToken(world, person))
    await makeToken(world, await makePerson(world, { role: 'admin' }))
    await makeProject(world, person)
    await makeToken(world, person)
  })

  test('an owner’s rate limit is shared by all of its tokens, together with each token’s own', async () => {
    const world = makeWorld({ policy: { ownerRateLimit: { limit: 5, windowSeconds: 60 } } })
    const person = await makePerson(world)
    const own = { limit: 2, windowSeconds: 60 }
    const { text, token } = await makeToken(world, person, { rateLimit: own })
    const { known } = await world.verifier.verify(text, {})
    assert.deepEqual(known?.buckets, [
      { key: token.id, rate: own },
      { key: person.account.id, rate: { limit: 5, windowSeconds: 60 } },
    ])
    await set(world, {})
    const again = await world.verifier.verify(text, {})
    assert.deepEqual(again.known?.buckets, [{ key: token.id, rate: own }])
    await revokeSelf(world.ports, { type: 'token', token, secret: 'newest', peer: { ip: null, client: null } })
  })
})

const policies: fc.Arbitrary<Policy> = fc
  .record({
    temporaryLifetimeSeconds: fc.constant(daySeconds / 24),
    longestLifetimeSeconds: fc.option(fc.integer({ min: 1, max: 4 }).map((days) => days * daySeconds)),
    permanentTokensMax: fc.nat({ max: 3 }),
    tokensPerOwnerMax: fc.nat({ max: 5 }),
    membersMayCreate: fc.boolean(),
    membersManageAll: fc.boolean(),
    creationRequiresProjectRole: fc.constant(false),
    ownerRateLimit: fc.constant(null),
  })
  .map((policy) => ({ ...policy, tokensPerOwnerMax: Math.max(policy.tokensPerOwnerMax, policy.permanentTokensMax) }))

const scenes = fc.record({
  tokens: fc.array(
    fc.record({
      /** Two accounts, and a project. */
      owner: fc.constantFrom(0, 1, 2),
      lifeDays: fc.option(fc.integer({ min: 1, max: 5 }), { freq: 2 }),
      afterHours: fc.nat({ max: 20 }),
    }),
    { minLength: 1, maxLength: 9 },
  ),
  override: fc.record({ permanentTokensMax: fc.nat({ max: 2 }) }, { requiredKeys: [] }),
})

/** The tokens that have expired already. */
async function overNow(world: World, made: readonly { token: Token; text: string }[]): Promise<Set<string>> {
  const over = new Set<string>()
  for (const { token, text } of made) if ((await verify(world, text)) !== 'valid') over.add(token.id)
  return over
}
