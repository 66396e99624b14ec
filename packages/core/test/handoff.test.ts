import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  codeLifetimeMs,
  decideConsent,
  fitHandoff,
  formatInstant,
  giveCode,
  handoffLifetimeMs,
  makeFormToken,
  minuteMs,
  operatorCaller,
  readFormToken,
  redeemCode,
  redeemGrant,
  replaceCatalogue,
  signOut,
  type CodeAsk,
  type HandoffAsk,
  type HandoffGrant,
  type HandoffWish,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { actionsSince, makePerson, makeWorld, peer, verify, type World } from './world.ts'

const redirectUri = 'http://127.0.0.1:53682/cb'
const codeChallenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const wish: HandoffWish = {
  client: 'chatelaine-cli',
  label: 'laptop',
  origin: 'cli',
  target: { kind: 'loopback', redirectUri, codeChallenge },
}

const program = { ip: '198.51.100.7', client: 'chatelaine-cli/1' }

async function fitted(world: World, more: Partial<HandoffWish> = {}): Promise<HandoffAsk> {
  const ask = await fitHandoff(world.ports, { ...wish, ...more })
  assert.ok(ask !== undefined)
  return ask
}

async function withGrant(more: Partial<HandoffWish> = {}) {
  const world = makeWorld()
  const person = await makePerson(world)
  const consent = await decideConsent(world.ports, person, await fitted(world, more), 'agree', 'page 1')
  assert.ok(consent.agreed)
  return { world, person, grant: consent.grant }
}

async function withCode() {
  const made = await withGrant()
  const code = await giveCode(made.world.ports, made.grant)
  const ask: CodeAsk = { code: code.reveal(), client: 'chatelaine-cli', redirectUri, codeChallenge }
  return {
    ...made,
    ask,
    redeem: (more: Partial<CodeAsk> = {}) => redeemCode(made.world.ports, program, { ...ask, ...more }),
  }
}

describe('what an application is offered', () => {
  test('is everything, for as long as temporary tokens live, unless it asks for less', async () => {
    const world = makeWorld({ policy: { temporaryLifetimeSeconds: 600 } })
    const { scopes, life } = await fitted(world)
    assert.deepEqual([scopes, life], [['*'], { lifetimeSeconds: 600 }])
    const less = await fitted(world, { scopes: ['data:read', 'data:read'], life: { lifetimeSeconds: 60 } })
    assert.deepEqual([less.scopes, less.life], [['data:read'], { lifetimeSeconds: 60 }])
  })

  test('ends where policy ends it', async () => {
    const world = makeWorld({ policy: { longestLifetimeSeconds: 90_000 } })
    assert.deepEqual((await fitted(world, { life: { permanent: true } })).life, { lifetimeSeconds: 90_000 })
    assert.deepEqual((await fitted(world, { life: { lifetimeSeconds: 1e9 } })).life, { lifetimeSeconds: 90_000 })
  })

  test('is without the scopes that nobody may hold, and nothing when none is left', async () => {
    const world = makeWorld()
    const entry = { name: 'data:read', description: '', group: '', kinds: ['account'], sensitive: false } as const
    await replaceCatalogue(world.ports, operatorCaller, [entry])
    assert.deepEqual((await fitted(world, { scopes: ['data:read', 'data:write'] })).scopes, ['data:read'])
    assert.equal(await fitHandoff(world.ports, { ...wish, scopes: ['data:write'] }), undefined)
    assert.equal(await fitHandoff(world.ports, { ...wish, scopes: ['data:read', 'Data'] }), undefined)
  })
})

describe('the form of a page', () => {
  const binding = { browser: 'b', sessionId: 'ses_1', page: 'p' }

  test('is genuine for ten minutes, on this browser, for this person and this page', () => {
    const { ports, clock } = makeWorld()
    const formToken = makeFormToken(ports, binding)
    const nonce = readFormToken(ports, binding, formToken)
    assert.match(nonce ?? '', /^[0-9A-Za-z]{22}$/)
    for (const other of [{ browser: 'c' }, { sessionId: 'ses_2' }, { sessionId: null }, { page: 'q' }]) {
      assert.equal(readFormToken(ports, { ...binding, ...other }, formToken), undefined)
    }
    for (const other of ['', '.', '..', `${formToken}.`, formToken.replace('.', '.x'), `z${formToken}`]) {
      assert.equal(readFormToken(ports, binding, other), undefined)
    }
    clock.pass(handoffLifetimeMs - 1)
    assert.equal(readFormToken(ports, binding, formToken), nonce)
    clock.pass(1)
    assert.equal(readFormToken(ports, binding, formToken), undefined)
  })
})

describe('a consent', () => {
  test('is in the log with what was asked, either way, before anything is given', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const { seq } = world.store.source.position()
    await decideConsent(world.ports, person, await fitted(world), 'refuse', 'page 1')
    await decideConsent(world.ports, person, await fitted(world), 'agree', 'page 2')
    assert.deepEqual(actionsSince(world, seq), ['consent.refused', 'consent.given'])
    const { actor, subject, details } = world.store.entries.at(-1)!
    assert.deepEqual([actor.accountId, subject.id], [person.account.id, person.account.id])
    assert.deepEqual(details, {
      client: 'chatelaine-cli',
      label: 'laptop',
      scopes: ['*'],
      lifetime_seconds: 86_400,
      way: 'loopback',
    })
  })

  test('is given once for each page, also of many at once', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const ask = await fitted(world)
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => decideConsent(world.ports, person, ask, 'agree', 'page 1')),
    )
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1)
    await refuses('changed-meanwhile', () => decideConsent(world.ports, person, ask, 'refuse', 'page 1'))
  })

  test('cannot be given by whoever signed out meanwhile', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const ask = await fitted(world)
    const found = await world.store.sessions.find(person.sessionId!)
    await signOut(world.ports, peer, person.account, found!.session)
    await refuses('credential-rejected', () => decideConsent(world.ports, person, ask, 'agree', 'page 1'))
  })
})

describe('an authorization code', () => {
  test('gives the token that was agreed to, in the name of the person, to whoever fetched it', async () => {
    const { world, person, redeem } = await withCode()
    const handed = await redeem()
    assert.ok(handed.handed)
    const { token, secret } = handed
    assert.deepEqual([token.accountId, token.createdBy], [person.account.id, person.account.id])
    assert.deepEqual([token.label, token.scopes, token.origin, token.parentTokenId], ['laptop', ['*'], 'cli', null])
    assert.equal(formatInstant(token.expiresAt!), '2026-11-23T10:00:00.000Z')
    assert.equal(await verify(world, secret.reveal()), 'valid')
    const { action, actor } = world.store.entries.at(-1)!
    assert.deepEqual([action, actor.ip, actor.accountId], ['token.created', program.ip, person.account.id])
  })

  test('is nowhere in the store', async () => {
    const { world, ask } = await withCode()
    assert.equal(world.store.notes.length, 1)
    assert.equal(JSON.stringify([world.store.notes, world.store.entries]).includes(ask.code), false)
  })

  test('that comes a second time gives nothing and ends what it gave, as long as it is remembered', async () => {
    const { world, redeem } = await withCode()
    const first = await redeem()
    assert.ok(first.handed)
    world.clock.pass(codeLifetimeMs + minuteMs)
    assert.equal((await redeem()).handed, false)
    assert.equal(await verify(world, first.secret.reveal()), 'revoked')
    world.clock.pass(handoffLifetimeMs)
    assert.equal((await redeem()).handed, false)
  })

  test('that comes many times at once leaves no token alive', async () => {
    const { world, redeem } = await withCode()
    const all = await Promise.all(Array.from({ length: 5 }, () => redeem()))
    const given = all.filter(({ handed }) => handed)
    assert.ok(given.length <= 1)
    for (const one of given) if (one.handed) assert.equal(await verify(world, one.secret.reveal()), 'revoked')
    assert.equal(world.store.entries.filter(({ action }) => action === 'token.created').length, 1)
  })

  test('is refused to whoever lacks the verifier, names another client or another redirect, and not spent', async () => {
    const { redeem } = await withCode()
    for (const wrong of [
      { codeChallenge: 'x' },
      { client: 'other' },
      { redirectUri: `${redirectUri}/` },
      { code: 'x' },
    ]) {
      assert.equal((await redeem(wrong)).handed, false)
    }
    assert.equal((await redeem()).handed, true)
  })

  test('is good for a minute', async () => {
    const { world, redeem } = await withCode()
    world.clock.pass(codeLifetimeMs)
    assert.equal((await redeem()).handed, false)
    const again = await withCode()
    again.world.clock.pass(codeLifetimeMs - 1)
    assert.equal((await again.redeem()).handed, true)
  })

  test('is worth nothing once the person has signed out', async () => {
    const { world, person, redeem } = await withCode()
    const found = await world.store.sessions.find(person.sessionId!)
    await signOut(world.ports, peer, person.account, found!.session)
    assert.equal((await redeem()).handed, false)
  })
})

describe('a grant', () => {
  test('that policy no longer allows is refused in words', async () => {
    const { world, grant } = await withGrant({ life: { permanent: true } })
    for (let made = 0; made < 5; made += 1) {
      const handed = await redeemGrant(world.ports, program, { ...grant, page: `page ${made}` })
      assert.equal(handed.handed, true)
    }
    const sixth = await redeemGrant(world.ports, program, { ...grant, page: 'page 6' })
    assert.ok(!sixth.handed)
    assert.match(sixth.because, /5 of 5 permanent tokens/)
  })

  test('that somebody wrote for another account finds no session of it', async () => {
    const { world, grant } = await withGrant()
    const forged: HandoffGrant = { ...grant, sessionId: 'ses_of_nobody' }
    assert.equal((await redeemGrant(world.ports, program, forged)).handed, false)
  })
})
