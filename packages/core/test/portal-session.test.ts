import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  actorOf,
  adoptToken,
  allManagementScopes,
  authorise,
  changeAccount,
  changeToken,
  createProject,
  enterPortal,
  issueToken,
  managerQuestion,
  openPortalSession,
  operations,
  operatorCaller,
  readAudit,
  readPortalSession,
  revokeToken,
  rotateToken,
  type AccountId,
  type Caller,
  type Operation,
  type PortalCaller,
} from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { refuses } from './failures.ts'
import {
  Gate,
  makeAccount,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  randomFrom,
  reread,
  type World,
} from './world.ts'

const lifetimeSeconds = 600

async function openFor({ ports }: World, caller: Caller, id: AccountId): Promise<string> {
  const opened = await openPortalSession(ports, caller, { account: { id }, lifetimeSeconds })
  assert.ok(!opened.repeated)
  return opened.secret.reveal()
}

/** Who a presented session lets in; `undefined` where it is over. */
async function enter({ ports, verifier }: World, presented: string): Promise<PortalCaller | undefined> {
  const session = readPortalSession(ports, presented)
  if (session === undefined) return undefined
  const { decision, known } = await verifier.verifyStandIn(session.managerTokenId, managerQuestion, session.secretOf)
  if (decision.code !== 'valid' || known === undefined) return undefined
  return enterPortal(ports, session, known, peer).catch(() => undefined)
}

async function withSession(world: World = makeWorld()) {
  const account = await makeAccount(world)
  const manager = await makeManager(world, { scopes: ['chatelaine.tokens:write'] })
  const presented = await openFor(world, manager.caller, account.id)
  const caller = await enter(world, presented)
  assert.ok(caller !== undefined)
  return { world, account, manager, presented, caller }
}

describe('a portal session', () => {
  test('speaks for its account, and the log names the manager token that opened it too', async () => {
    const { world, account, manager, caller } = await withSession()
    assert.deepEqual(actorOf(caller), { type: 'portal', accountId: account.id, tokenId: manager.token.id, ...peer })
    const opening = world.store.entries.at(-1)
    assert.equal(opening?.action, 'account.portal_opened')
    assert.deepEqual([opening.actor.tokenId, opening.subject.id], [manager.token.id, account.id])
    assert.deepEqual(opening.details, { expires_at: '2026-11-22T10:10:00.000Z' })
  })

  test('reaches its own account, and only where the table of operations says so', async () => {
    const { account, caller } = await withSession()
    for (const operation of Object.keys(operations) as Operation[]) {
      if (operations[operation].inPortal) {
        const reach = authorise(caller, operation)
        assert.deepEqual(reach, { whole: false, accountId: account.id, projectId: null }, operation)
      } else {
        await refuses('not-permitted', () => authorise(caller, operation))
      }
    }
  })

  test('has no more of an administrator, whose manager may open one', async () => {
    const world = makeWorld()
    const admin = await makeAccount(world, { role: 'admin' })
    const manager = await makeManager(world, { scopes: allManagementScopes })
    const caller = await enter(world, await openFor(world, manager.caller, admin.id))
    assert.ok(caller !== undefined)
    assert.equal(authorise(caller, 'tokens.write').whole, false)
    await refuses('not-permitted', () => authorise(caller, 'accounts.write'))
    await refuses('not-permitted', () =>
      makeToken(world, caller, { kind: 'manager', scopes: ['chatelaine.tokens:read'] }),
    )
  })

  test('that is altered anywhere is none', async () => {
    const { world, presented } = await withSession()
    for (let at = 0; at < presented.length; at += 1) {
      const altered = `${presented.slice(0, at)}${presented[at] === '0' ? '1' : '0'}${presented.slice(at + 1)}`
      assert.equal(readPortalSession(world.ports, altered), undefined, altered)
    }
    for (const other of [
      '',
      'portal',
      'portal.',
      'portal...',
      `${presented}.`,
      `${presented}.x`,
      presented.slice(0, -1),
    ]) {
      assert.equal(readPortalSession(world.ports, other), undefined, other)
    }
  })

  test('of another master key is none', async () => {
    const { presented } = await withSession()
    const other = makeWorld({ ring: KeyRing.generate(randomFrom(2)) })
    assert.equal(readPortalSession(other.ports, presented), undefined)
  })
})

describe('a portal session is opened', () => {
  test('by manager tokens with the scope, and by nobody else', async () => {
    const world = makeWorld()
    const { account } = await makePerson(world)
    const admin = await makePerson(world, { role: 'admin' })
    const own = await makeToken(world, admin, { scopes: ['*', 'chatelaine.tokens:write'] })
    const without = await makeManager(world, { scopes: ['chatelaine.tokens:read'] })
    const { caller } = await withSession(world)
    for (const one of [admin, own.caller, operatorCaller, caller]) {
      await refuses('not-permitted', () => openFor(world, one, account.id))
    }
    await refuses('scope-missing', () => openFor(world, without.caller, account.id))
    await refuses('credential-required', () => openFor(world, { type: 'anonymous', peer }, account.id))
  })

  test('for accounts by the id that the platform gave them', async () => {
    const world = makeWorld()
    const account = await makeAccount(world, { externalId: 'user-7' })
    const { caller } = await makeManager(world, { scopes: ['chatelaine.tokens:write'] })
    const ask = (externalId: string) =>
      openPortalSession(world.ports, caller, { account: { externalId }, lifetimeSeconds })
    assert.equal((await ask('user-7')).accountId, account.id)
    await refuses('not-found', () => ask('user-8'))
    await refuses('not-found', () => openFor(world, caller, 'acc_0000000000000000'))
  })

  test('for no disabled account, and for an administrator only by who may touch one', async () => {
    const world = makeWorld()
    const [admin, disabled] = [await makeAccount(world, { role: 'admin' }), await makeAccount(world)]
    await changeAccount(world.ports, operatorCaller, disabled.id, { status: 'disabled' })
    const narrow = await makeManager(world, { scopes: ['chatelaine.tokens:write', 'chatelaine.accounts:write'] })
    const brief = await makeManager(world, { scopes: allManagementScopes, life: { lifetimeSeconds: 3_600 } })
    await refuses('not-permitted', () => openFor(world, narrow.caller, disabled.id))
    for (const { caller } of [narrow, brief]) await refuses('exceeds-caller', () => openFor(world, caller, admin.id))
  })

  test('for no longer than the manager token lives', async () => {
    const world = makeWorld()
    const { id } = await makeAccount(world)
    const ask = { account: { id }, lifetimeSeconds }
    const scopes = ['chatelaine.tokens:write']
    const { caller, token } = await makeManager(world, { scopes, life: { lifetimeSeconds: 60 } })
    assert.equal((await openPortalSession(world.ports, caller, ask)).endsAt, token.expiresAt)
    const rotated = await makeManager(world, { scopes })
    const after = await rotateToken(world.ports, operatorCaller, rotated.token.id, 60)
    const old: Caller = { ...rotated.caller, token: after.token, secret: 'old' }
    assert.equal((await openPortalSession(world.ports, old, ask)).endsAt, world.clock.now() + 120_000)
  })

  test('once for an idempotency key, and the repetition tells all but the secret', async () => {
    const { world, account, manager } = await withSession()
    const once = { key: 'k', request: 'r' }
    const open = (ask = { account: { id: account.id }, lifetimeSeconds }, again = once) =>
      openPortalSession(world.ports, manager.caller, ask, again)
    const first = await open()
    world.clock.pass(5_000)
    const second = await open()
    assert.deepEqual(second, { repeated: true, accountId: account.id, endsAt: first.endsAt })
    await refuses('idempotency-key-reused', () => open(undefined, { key: 'k', request: 'another' }))
  })
})

describe('a portal session is over', () => {
  type Ending = (has: Awaited<ReturnType<typeof withSession>>) => unknown
  const endings: Record<string, Ending> = {
    'when its manager token is revoked': ({ world, manager }) =>
      revokeToken(world.ports, operatorCaller, manager.token.id, { descendants: 'keep' }),
    'when its manager token is suspended': ({ world, manager }) =>
      changeToken(world.ports, operatorCaller, manager.token.id, { isActive: false }),
    'when its manager token expires': async ({ world, manager }) => {
      await changeToken(world.ports, operatorCaller, manager.token.id, { expiresAt: world.clock.now() + 1_000 })
      world.clock.pass(1_000)
    },
    'when its manager token loses the scope': ({ world, manager }) =>
      changeToken(world.ports, operatorCaller, manager.token.id, { scopes: ['chatelaine.tokens:read'] }),
    'when the secret that opened it is rotated away': ({ world, manager }) =>
      rotateToken(world.ports, operatorCaller, manager.token.id, 0),
    'when its account is disabled': ({ world, account }) =>
      changeAccount(world.ports, operatorCaller, account.id, { status: 'disabled' }),
    'when its account becomes an administrator': ({ world, account }) =>
      changeAccount(world.ports, operatorCaller, account.id, { role: 'admin' }),
  }

  test('when its time is', async () => {
    const { world, presented } = await withSession()
    world.clock.pass(lifetimeSeconds * 1_000)
    assert.equal(await enter(world, presented), undefined)
  })

  for (const [when, end] of Object.entries(endings)) {
    test(`${when}, and lets nobody in`, async () => {
      const has = await withSession()
      await end(has)
      assert.equal(await enter(has.world, has.presented), undefined)
    })

    test(`${when}, also for a request that it let in before`, async () => {
      const gate = new Gate()
      let isHeld = false
      const world = makeWorld({
        log: (log) => ({
          ...log,
          commit: async (...change: Parameters<typeof log.commit>) => {
            if (isHeld) {
              isHeld = false
              await gate.pass()
            }
            return log.commit(...change)
          },
        }),
      })
      const has = await withSession(world)
      isHeld = true
      const making = issueToken(world.ports, has.caller, { origin: 'console' })
      await gate.arrived
      await end(has)
      gate.open()
      await refuses('credential-rejected', () => making)
    })
  }

  test('not by the rotation of its manager token while the secret that opened it lives on', async () => {
    const { world, manager, presented } = await withSession()
    await rotateToken(world.ports, operatorCaller, manager.token.id, 60)
    const caller = await enter(world, presented)
    assert.equal(caller?.manager.secret, 'old')
    assert.equal(caller.endsAt, world.clock.now() + 120_000)
    world.clock.pass(120_000)
    assert.equal(await enter(world, presented), undefined)
  })
})

describe('from where a portal session is used', () => {
  test('says nothing of the addresses that its manager token is bound to', async () => {
    const world = makeWorld()
    const account = await makeAccount(world)
    const manager = await makeManager(world, { scopes: ['chatelaine.tokens:write'], allowedIps: ['198.51.100.7'] })
    assert.ok(await enter(world, await openFor(world, manager.caller, account.id)))
  })
})

describe('what is made in a portal session', () => {
  test('is its account’s own, made through the console, and hangs on the manager token', async () => {
    const { world, account, manager, caller } = await withSession()
    const { token } = await makeToken(world, caller, { origin: 'console', life: { permanent: true } })
    const { accountId, createdBy, parentTokenId, scopes } = token
    assert.deepEqual(
      { accountId, createdBy, parentTokenId, scopes },
      { accountId: account.id, createdBy: account.id, parentTokenId: manager.token.id, scopes: ['*'] },
    )
    await revokeToken(world.ports, operatorCaller, manager.token.id)
    assert.notEqual((await reread(world, token)).revokedAt, null)
  })

  test('lives on after the manager token where whoever revokes that one says so', async () => {
    const { world, manager, caller } = await withSession()
    const { token } = await makeToken(world, caller)
    await revokeToken(world.ports, operatorCaller, manager.token.id, { descendants: 'keep' })
    assert.equal((await reread(world, token)).revokedAt, null)
  })

  test('holds no more of the management than `*` has, and nothing of others', async () => {
    const { world, caller } = await withSession()
    const other = await makePerson(world)
    for (const scope of ['chatelaine.audit:read', 'chatelaine.accounts:write', 'chatelaine.settings:read']) {
      await refuses(
        'exceeds-caller',
        () => makeToken(world, caller, { scopes: ['data:read', scope] }),
        new RegExp(scope),
      )
    }
    await makeToken(world, caller, { scopes: ['*', 'chatelaine.tokens:read'] })
    await refuses('not-found', () => makeToken(world, caller, { accountId: other.account.id }))
    const { project } = await createProject(world.ports, other, { name: 'theirs' })
    await refuses('not-found', () => makeToken(world, caller, { projectId: project.id }))
  })

  test('gives no new secret to a token of the account that holds more', async () => {
    const { world, account, caller } = await withSession()
    const asAccount: Caller = { type: 'session', account, sessionId: null, peer }
    const { token } = await makeToken(world, asAccount, { scopes: ['*', 'chatelaine.audit:read'] })
    await refuses('exceeds-caller', () => rotateToken(world.ports, caller, token.id))
    assert.equal(await revokeToken(world.ports, caller, token.id), true)
  })

  test('takes over nobody’s token of a project', async () => {
    const { world, account, caller } = await withSession()
    const asAccount: Caller = { type: 'session', account, sessionId: null, peer }
    const { project } = await createProject(world.ports, asAccount, { name: 'ours' })
    const { token } = await makeToken(world, operatorCaller, { projectId: project.id })
    await refuses('not-permitted', () => adoptToken(world.ports, caller, token.id))
  })
})

test('a portal session reads of the log what happened to one token, and nothing else of its account', async () => {
  const { world, account, caller } = await withSession()
  const { token } = await makeToken(world, caller)
  const { items } = await readAudit(world.ports, caller, { subjectId: token.id, limit: 10 })
  assert.deepEqual(
    items.map(({ action }) => action),
    ['token.created'],
  )
  await refuses('not-permitted', () => readAudit(world.ports, caller, { limit: 10 }))
  await refuses('not-permitted', () => readAudit(world.ports, caller, { subjectId: account.id, limit: 10 }))
  const other = await makeToken(world, await makePerson(world))
  assert.deepEqual((await readAudit(world.ports, caller, { subjectId: other.token.id, limit: 10 })).items, [])
})
