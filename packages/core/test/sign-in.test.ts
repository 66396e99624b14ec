import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allManagementScopes,
  byAddressLimit,
  byNameLimit,
  changeAccount,
  changePassword,
  Failure,
  findSession,
  minuteMs,
  operatorCaller,
  sessionIdleMs,
  sessionLifetimeMs,
  signIn,
  signInVouched,
  signOut,
  type Caller,
  type PasswordChange,
  type Ports,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import {
  actionsSince,
  Gate,
  makeAccount,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  verify,
} from './world.ts'

const password = 'correct horse battery staple'
const newPassword = 'another one, long enough'

async function withPerson() {
  const world = makeWorld()
  const person = await makePerson(world, { username: 'Ada', password })
  const enter = (name = 'Ada', secret = password, from = peer) => signIn(world.ports, from, name, secret)
  const session = (cookie: string) => findSession(world.ports, cookie)
  return { world, person, enter, session }
}

describe('signing in', () => {
  test('opens a session whose cookie is nowhere in the store, and is in the log', async () => {
    const { world, person, enter, session } = await withPerson()
    const { seq } = world.store.source.position()
    const { cookie, account, session: opened } = await enter()
    assert.equal(account.id, person.account.id)
    const found = await session(cookie.reveal())
    assert.deepEqual([found?.session.id, found?.account.id], [opened.id, account.id])
    assert.equal(found?.account.lastSignInAt, world.clock.now())
    assert.deepEqual(actionsSince(world, seq), ['account.signed_in'])
    const secret = cookie.reveal().split('.')[1]!
    assert.equal(JSON.stringify([found, world.store.entries]).includes(secret), false)
  })

  test('finds the name without regard to case and composition, and gives a new id each time', async () => {
    const { enter } = await withPerson()
    const ids = [await enter('ADA'), await enter('ada'), await enter('\uff21da')].map(({ session }) => session.id)
    assert.equal(new Set(ids).size, 3)
  })

  test('takes an e-mail address where nobody has it as a user name', async () => {
    const { world, enter } = await withPerson()
    const byMail = await makePerson(world, { email: 'Grace@Example.org', password })
    assert.equal((await enter('grace@example.ORG')).account.id, byMail.account.id)
    const byName = await makePerson(world, { username: 'grace@example.org', password })
    assert.equal((await enter('grace@example.ORG')).account.id, byName.account.id)
  })

  test('is kept from nobody by whoever has their e-mail address as a user name and no password', async () => {
    const { world, enter } = await withPerson()
    const grace = await makePerson(world, { email: 'grace@example.org', password })
    const vouched = { identity: { issuer: 'https://id.example', subject: '7' }, email: null, name: '' }
    const vouch = async () => ({ ...vouched, username: 'grace@example.org' })
    const { account } = await signInVouched(world.ports, peer, vouch, { mayCreate: true })
    assert.equal(account.username, 'grace@example.org')
    assert.equal((await enter('grace@example.org')).account.id, grace.account.id)
  })

  test('says the same of an unknown name, a wrong password, a disabled account and one without a password', async () => {
    const { world, enter } = await withPerson()
    await makeAccount(world, { username: 'machine' })
    const disabled = await makeAccount(world, { username: 'gone', password })
    await changeAccount(world.ports, operatorCaller, disabled.id, { status: 'disabled' })
    const messages = new Set<string>()
    for (const [name, secret] of [
      ['nobody', password],
      ['Ada', 'wrong'],
      ['gone', password],
      ['machine', ''],
      ['Ada', ''],
    ]) {
      messages.add((await refuses('sign-in-failed', () => enter(name, secret))).message)
    }
    assert.equal(messages.size, 1)
  })

  test('costs one password check whether or not the name is known', async () => {
    const { world } = await withPerson()
    let checks = 0
    const { passwords } = world.ports
    const counted: Ports = {
      ...world.ports,
      passwords: {
        ...passwords,
        matches: (...args) => {
          checks += 1
          return passwords.matches(...args)
        },
      },
    }
    for (const name of ['Ada', 'nobody']) await refuses('sign-in-failed', () => signIn(counted, peer, name, 'wrong'))
    assert.equal(checks, 2)
  })

  test('fails for a person whose account was changed while the password was checked', async () => {
    const { world, person, enter } = await withPerson()
    const checked = world.ports.passwords.matches(password, person.account.passwordHash)
    const slow: Ports = {
      ...world.ports,
      passwords: {
        ...world.ports.passwords,
        matches: async () => {
          await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'disabled' })
          return checked
        },
      },
    }
    await makeAccount(world, { role: 'admin' })
    await refuses('changed-meanwhile', () => signIn(slow, peer, 'Ada', password))
    await refuses('sign-in-failed', () => enter())
  })
})

describe('failures to sign in', () => {
  test('of one name are let pass up to the limit, also at once, and then wait out the window', async () => {
    const { world, enter } = await withPerson()
    const from = (index: number) => ({ ip: `198.51.100.${index}`, client: null })
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) => enter('ADA', 'wrong', from(index))),
    )
    const keys = results.map((result) => (result.status === 'rejected' ? result.reason.key : 'signed in'))
    assert.equal(keys.filter((key) => key === 'sign-in-failed').length, byNameLimit.attemptsMax)
    assert.equal(keys.filter((key) => key === 'too-many-attempts').length, 30 - byNameLimit.attemptsMax)
    const failure = await refuses('too-many-attempts', () => enter('ada', password))
    assert.equal(failure.retryAfterSeconds, byNameLimit.windowMs / 1_000)
    world.clock.pass(byNameLimit.windowMs)
    await enter()
  })

  test('of one address are counted over all names, and do not lock out others', async () => {
    const { enter } = await withPerson()
    for (let index = 0; index < byAddressLimit.attemptsMax; index += 1) {
      await refuses('sign-in-failed', () => enter(`name${index}`, 'wrong'))
    }
    await refuses('too-many-attempts', () => enter())
    await enter('Ada', password, { ip: '198.51.100.1', client: null })
  })

  test('of one IPv6 network are counted as of one address', async () => {
    const { enter } = await withPerson()
    const from = (host: number) => ({ ip: `2001:db8:1:2::${host.toString(16)}`, client: null })
    for (let index = 0; index < byAddressLimit.attemptsMax; index += 1) {
      await refuses('sign-in-failed', () => enter(`name${index}`, 'wrong', from(index)))
    }
    await refuses('too-many-attempts', () => enter('Ada', password, from(9_999)))
    await enter('Ada', password, { ip: '2001:db8:1:3::1', client: null })
  })

  test('are none where nobody could check them', async () => {
    const { world } = await withPerson()
    const unavailable = (): never => {
      throw new Failure('unavailable', 'Too many passwords are being checked.')
    }
    const { passwords, accounts } = world.ports
    const outages: Partial<Ports>[] = [
      { passwords: { ...passwords, matches: async () => unavailable() } },
      { accounts: { ...accounts, findByUsername: async () => unavailable() } },
    ]
    for (const outage of outages) {
      for (let index = 0; index < 2 * byAddressLimit.attemptsMax; index += 1) {
        await refuses('unavailable', () => signIn({ ...world.ports, ...outage }, peer, 'Ada', password))
      }
    }
    await signIn(world.ports, peer, 'Ada', password)
  })

  test('never lock out the account’s tokens', async () => {
    const { world, person, enter } = await withPerson()
    const { text } = await makeToken(world, person)
    for (let index = 0; index < 20; index += 1) await assert.rejects(enter('Ada', 'wrong'))
    assert.equal(await verify(world, text), 'valid')
  })

  test('are forgiven by a success, and successes count against nobody', async () => {
    const { enter } = await withPerson()
    for (let round = 0; round < 3; round += 1) {
      for (let index = 1; index < byNameLimit.attemptsMax; index += 1) await assert.rejects(enter('Ada', 'wrong'))
      await enter()
    }
    for (let index = 0; index < 2 * byAddressLimit.attemptsMax; index += 1) await enter()
  })
})

describe('a session', () => {
  test('is found by its own cookie only', async () => {
    const { enter, session } = await withPerson()
    const cookie = (await enter()).cookie.reveal()
    const other = (await enter()).cookie.reveal()
    const crossed = `${cookie.split('.')[0]}.${other.split('.')[1]}`
    for (const wrong of ['', '.', cookie.split('.')[0]!, `${cookie}x`, cookie.slice(0, -1), crossed, 'ses_0.x']) {
      assert.equal(await session(wrong), undefined, wrong)
    }
    assert.ok(await session(cookie))
  })

  test('ends after an hour without use, and after twelve hours whatever happens', async () => {
    const { world, enter, session } = await withPerson()
    const idle = (await enter()).cookie.reveal()
    const used = (await enter()).cookie.reveal()
    world.clock.pass(sessionIdleMs - 1)
    assert.ok(await session(used))
    world.clock.pass(1)
    assert.equal(await session(idle), undefined)
    for (let passedMs = sessionIdleMs; passedMs < sessionLifetimeMs; passedMs += 30 * minuteMs) {
      assert.ok(await session(used), `after ${passedMs / minuteMs} min`)
      world.clock.pass(30 * minuteMs)
    }
    assert.equal(await session(used), undefined)
  })

  test('notes activity at most once a minute', async () => {
    const { world, enter, session } = await withPerson()
    const opened = await enter()
    const cookie = opened.cookie.reveal()
    const seenAfter = async (ms: number) => {
      world.clock.pass(ms)
      await session(cookie)
      return (await world.store.sessions.find(opened.session.id))!.session.lastSeenAt - opened.session.createdAt
    }
    assert.deepEqual([await seenAfter(minuteMs - 1), await seenAfter(1), await seenAfter(1)], [0, minuteMs, minuteMs])
  })

  test('ends by signing out, in the log, and no other with it', async () => {
    const { world, enter, session } = await withPerson()
    const [one, other] = [await enter(), await enter()]
    const { seq } = world.store.source.position()
    await signOut(world.ports, peer, one.account, one.session)
    await signOut(world.ports, peer, one.account, one.session)
    assert.equal(await session(one.cookie.reveal()), undefined)
    assert.ok(await session(other.cookie.reveal()))
    assert.deepEqual(actionsSince(world, seq), ['account.signed_out'])
  })
})

describe('a new password', () => {
  async function withChange() {
    const made = await withPerson()
    const { world, person } = made
    const change = (caller: Caller, more: Partial<PasswordChange> = {}) =>
      changePassword(world.ports, caller, person.account.id, { newPassword, ...more })
    return { ...made, change }
  }

  test('works at once and the old one no more; every session has ended, the one that asked too', async () => {
    const { world, person, enter, session, change } = await withChange()
    const cookies = [(await enter()).cookie.reveal(), (await enter()).cookie.reveal()]
    const { seq } = world.store.source.position()
    await change(person, { currentPassword: password })
    assert.deepEqual(actionsSince(world, seq), ['account.password_changed'])
    for (const cookie of cookies) assert.equal(await session(cookie), undefined)
    await refuses('sign-in-failed', () => enter())
    await enter('Ada', newPassword)
    const entry = world.store.entries[seq]!
    assert.deepEqual([entry.effect, entry.details], ['takes', {}])
  })

  test('of one’s own needs the current one, and failures count as those to sign in', async () => {
    const { world, person, enter, change } = await withChange()
    for (const currentPassword of ['wrong', newPassword]) {
      const failure = await refuses('password-rejected', () => change(person, { currentPassword }))
      assert.equal(failure.fields[0]?.pointer, '/current_password')
    }
    await refuses('password-rejected', () => change(person))
    const token = await makeToken(world, person, { scopes: ['chatelaine.accounts:write'] })
    await refuses('password-rejected', () => change(token.caller))
    for (let index = 4; index < byNameLimit.attemptsMax; index += 1) {
      await refuses('password-rejected', () => change(person, { currentPassword: 'wrong' }))
    }
    await refuses('too-many-attempts', () => change(person, { currentPassword: password }))
    await refuses('too-many-attempts', () => enter())
  })

  test('of one’s own is not proved by that of somebody whose e-mail address is one’s user name', async () => {
    const { world } = await withPerson()
    await makePerson(world, { email: 'grace@example.org', password })
    const { account } = await makePerson(world, { username: 'grace@example.org' })
    const caller: Caller = { type: 'session', account, sessionId: null, peer }
    const change = { currentPassword: password, newPassword }
    await refuses('password-rejected', () => changePassword(world.ports, caller, account.id, change))
  })

  test('of another is set by an administrator or manager without knowing the old one', async () => {
    const { world, enter, change } = await withChange()
    await change(await makePerson(world, { role: 'admin' }))
    await enter('Ada', newPassword)
    const manager = await makeManager(world, { scopes: ['chatelaine.accounts:write'] })
    await change(manager.caller, { newPassword: password })
    await enter('Ada', password)
  })

  test('of an administrator is set by nobody who is less', async () => {
    const { world } = await withChange()
    const admin = await makePerson(world, { role: 'admin', password })
    const narrow = await makeManager(world, { scopes: ['chatelaine.accounts:write'] })
    const set = (caller: Caller) => changePassword(world.ports, caller, admin.account.id, { newPassword })
    await refuses('exceeds-caller', () => set(narrow.caller))
    await refuses('not-found', async () => set(await makePerson(world)))
    const full = await makeManager(world, { scopes: allManagementScopes })
    await set(full.caller)
    await set(await makePerson(world, { role: 'admin' }))
  })

  test('of a stranger is not to be set, nor of nobody', async () => {
    const { world, change } = await withChange()
    await refuses('not-found', async () => change(await makePerson(world)))
    await refuses('not-found', () =>
      changePassword(world.ports, operatorCaller, 'acc_0000000000000000', { newPassword }),
    )
    await refuses('credential-required', () => change({ type: 'anonymous', peer }))
    const token = await makeToken(world, await makePerson(world))
    await refuses('scope-missing', () => change(token.caller))
  })

  test('is not set by an administrator who was made a member meanwhile', async () => {
    const { world, enter, change } = await withChange()
    const [one, other] = [await makePerson(world, { role: 'admin' }), await makePerson(world, { role: 'admin' })]
    await changeAccount(world.ports, one, other.account.id, { role: 'member' })
    await refuses('not-found', () => change(other))
    await enter()
  })

  for (const by of ['a session', 'a token'] as const) {
    test(`wins once: of simultaneous changes by ${by} with the same old password one is set`, async () => {
      const { world, person, change, enter } = await withChange()
      const token = await makeToken(world, person, { scopes: ['chatelaine.accounts:write'] })
      const caller = by === 'a token' ? token.caller : person
      const passwords = ['the first new password', 'the second new password', 'the third new password']
      const results = await Promise.allSettled(
        passwords.map((one) => change(caller, { newPassword: one, currentPassword: password })),
      )
      const set = passwords.filter((_, index) => results[index]!.status === 'fulfilled')
      assert.equal(set.length, 1)
      await enter('Ada', set[0])
    })
  }

  test('leaves nothing to a session that it ended, also for a request under way', async () => {
    const { world, person, change } = await withChange()
    await change(person, { currentPassword: password })
    const { seq } = world.store.source.position()
    await refuses('credential-rejected', () => makeToken(world, person, { life: { permanent: true } }))
    assert.deepEqual(actionsSince(world, seq), [])
  })

  test('can end every token with it, also where one that asks was made by another of them', async () => {
    const { world, person, change } = await withChange()
    const scopes = ['chatelaine.tokens:write', 'chatelaine.accounts:write']
    const parent = await makeToken(world, person, { scopes })
    const child = await makeToken(world, parent.caller)
    const suspended = await makeToken(world, person)
    const stranger = await makeToken(world, await makePerson(world))
    await change(child.caller, { currentPassword: password, revokeTokens: true })
    const codes = await Promise.all([parent, child, suspended, stranger].map(({ text }) => verify(world, text)))
    assert.deepEqual(codes, ['revoked', 'revoked', 'revoked', 'valid'])
  })

  test('that is to end every token changes nothing when it fails, and ends them all in one commit when it does not', async () => {
    const { world, person, change } = await withChange()
    const made = [await makeToken(world, person), await makeToken(world, person)]
    const ask = { currentPassword: password, revokeTokens: true }
    const { log } = world.ports
    let commits = 0
    const failing = async (): Promise<never> => {
      commits += 1
      throw new Failure('unavailable', 'The disk is full.')
    }
    const without = { ...world.ports, log: { ...log, commit: failing } }
    const { id } = person.account
    await refuses('unavailable', () => changePassword(without, person, id, { ...ask, newPassword }))
    assert.equal(commits, 1)
    for (const { text } of made) assert.equal(await verify(world, text), 'valid')
    await change(person, ask)
    for (const { text } of made) assert.equal(await verify(world, text), 'revoked')
  })

  test('leaves the tokens alone unless asked', async () => {
    const { world, person, change } = await withChange()
    const { text } = await makeToken(world, person)
    await change(person, { currentPassword: password })
    assert.equal(await verify(world, text), 'valid')
  })

  test('is answered only when every token is dead that it was to end', async () => {
    const { world, person, change } = await withChange()
    const { text } = await makeToken(world, person)
    await verify(world, text)
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const changing = change(person, { currentPassword: password, revokeTokens: true })
    await gate.arrived
    assert.equal(await verify(world, text), 'valid')
    gate.open()
    await changing
    assert.equal(await verify(world, text), 'revoked')
  })
})
