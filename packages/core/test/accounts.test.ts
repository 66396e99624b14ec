import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allManagementScopes,
  changeAccount,
  changeOwnAccount,
  createAccount,
  findSession,
  listAccounts,
  operatorCaller,
  readAccount,
  readOwnAccount,
  signIn,
  type AccountAsk,
  type AccountEdit,
  type Caller,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import {
  actionsSince,
  Gate,
  isPending,
  makeAccount,
  makeManager,
  makePerson,
  makeToken,
  makeWorld,
  peer,
  verify,
} from './world.ts'

const password = 'correct horse battery staple'

describe('an account that is made', () => {
  test('has what was asked, and one row in the log without the password or its hash', async () => {
    const world = makeWorld()
    const ask = { username: 'Ada', email: 'ada@example.org', name: 'Ada L.', externalId: 'u-1', password } as const
    const { account, repeated } = await createAccount(world.ports, operatorCaller, ask)
    assert.equal(repeated, false)
    const { username, email, name, externalId, role, status, serial, lastSignInAt } = account
    assert.deepEqual(
      { username, email, name, externalId, role, status, serial, lastSignInAt },
      { ...withoutPassword(ask), role: 'member', status: 'active', serial: 1, lastSignInAt: null },
    )
    assert.match(account.id, /^acc_[0-9A-Za-z]{16}$/)
    assert.match(account.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.deepEqual(
      world.store.entries.map(({ action, subject }) => [action, subject.id]),
      [['account.created', account.id]],
    )
    const log = JSON.stringify(world.store.entries)
    assert.ok(!log.includes(password) && !log.includes('argon2'))
  })

  test('needs a right over the whole deployment', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const ownToken = await makeToken(world, person, { scopes: ['chatelaine.accounts:write'] })
    const reader = await makeManager(world, { scopes: ['chatelaine.accounts:read'] })
    const { seq } = world.store.source.position()
    const create = (caller: Caller) => createAccount(world.ports, caller, { username: 'new' })
    for (const caller of [person, ownToken.caller]) await refuses('not-permitted', () => create(caller))
    await refuses('scope-missing', () => create(reader.caller))
    await refuses('credential-required', () => create({ type: 'anonymous', peer }))
    assert.deepEqual(actionsSince(world, seq), [])
    const writer = await makeManager(world, { scopes: ['chatelaine.accounts:write'] })
    assert.equal((await create(writer.caller)).account.username, 'new')
  })

  test('is refused a name, address or external id that is in use, without regard to case, and the field is named', async () => {
    const world = makeWorld()
    await makeAccount(world, { username: 'Straße', email: 'Ada@Example.org', externalId: 'u-1' })
    const taken: [string, AccountAsk][] = [
      ['/username', { username: 'STRAßE' }],
      ['/email', { username: 'other', email: 'ada@example.ORG' }],
      ['/external_id', { username: 'other', externalId: 'u-1' }],
    ]
    for (const [pointer, ask] of taken) {
      const failure = await refuses('already-taken', () => createAccount(world.ports, operatorCaller, ask))
      assert.equal(failure.fields[0]?.pointer, pointer)
    }
    await makeAccount(world, { username: 'other', email: null, externalId: 'U-1' })
    await makeAccount(world, { username: 'third', email: null, externalId: null })
  })

  test('of many with one name at once is one', async () => {
    const world = makeWorld()
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => createAccount(world.ports, operatorCaller, { username: 'ada' })),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('as an administrator is made only by one, by the operator, or by a permanent manager with every scope', async () => {
    const world = makeWorld()
    const narrow = await makeManager(world, { scopes: ['chatelaine.accounts:write'] })
    const brief = await makeManager(world, { scopes: allManagementScopes, life: { lifetimeSeconds: 1e9 } })
    for (const { caller } of [narrow, brief]) {
      await refuses('exceeds-caller', () => createAccount(world.ports, caller, { username: 'root', role: 'admin' }))
    }
    const admin = await makePerson(world, { role: 'admin' })
    const full = await makeManager(world, { scopes: allManagementScopes })
    for (const [index, caller] of [admin, full.caller].entries()) {
      const made = await createAccount(world.ports, caller, { username: `root${index}`, role: 'admin' })
      assert.equal(made.account.role, 'admin')
    }
  })

  test('with an idempotency key is made once, and the repetition is answered with it', async () => {
    const world = makeWorld()
    const create = (request: string) =>
      createAccount(world.ports, operatorCaller, { username: 'ada' }, { key: 'key', request })
    const first = await create('a')
    assert.deepEqual(await create('a'), { repeated: true, account: first.account })
    await refuses('idempotency-key-reused', () => create('b'))
  })
})

describe('an account that is changed', () => {
  async function withMember() {
    const world = makeWorld()
    const person = await makePerson(world, { password, email: 'a@example.org', name: 'A' })
    const admin = await makePerson(world, { role: 'admin' })
    const change = (caller: Caller, edit: AccountEdit) => changeAccount(world.ports, caller, person.account.id, edit)
    return { world, person, admin, change }
  }

  test('has a row in the log that says what each field was and is', async () => {
    const { world, person, admin, change } = await withMember()
    const account = await change(admin, { name: 'B', externalId: 'u-2' })
    assert.deepEqual([account.name, account.externalId, account.email], ['B', 'u-2', 'a@example.org'])
    const entry = world.store.entries.at(-1)!
    assert.deepEqual([entry.action, entry.effect, entry.subject.id], ['account.updated', 'none', person.account.id])
    assert.deepEqual(entry.details, { name: { from: 'A', to: 'B' }, external_id: { from: null, to: 'u-2' } })
  })

  test('to what it is already writes nothing', async () => {
    const { world, person, admin, change } = await withMember()
    const { seq } = world.store.source.position()
    assert.deepEqual(await change(admin, { name: 'A', status: 'active' }), person.account)
    assert.deepEqual(actionsSince(world, seq), [])
  })

  test('by its own person has another e-mail address and name, and nothing else', async () => {
    const { world, person, change } = await withMember()
    const own = await changeOwnAccount(world.ports, person, { name: 'B', email: null })
    assert.deepEqual([own.name, own.email], ['B', null])
    const caller = { ...person, account: own }
    const edits: AccountEdit[] = [{ username: 'x' }, { role: 'admin' }, { status: 'disabled' }, { externalId: 'x' }]
    for (const edit of edits) {
      await refuses('not-permitted', () => changeOwnAccount(world.ports, caller, edit))
      await refuses('not-permitted', () => change(caller, edit))
    }
    await changeOwnAccount(world.ports, caller, { name: 'C', role: 'member', username: person.account.username })
  })

  test('is not there for strangers, and managers have none of their own', async () => {
    const { world, change } = await withMember()
    const stranger = await makePerson(world)
    await refuses('not-found', () => change(stranger, { name: 'x' }))
    const manager = await makeManager(world, { scopes: ['chatelaine.accounts:write', 'chatelaine.accounts:read'] })
    await refuses('not-found', () => changeOwnAccount(world.ports, manager.caller, { name: 'x' }))
    await refuses('not-found', () => readOwnAccount(world.ports, manager.caller))
    assert.equal((await change(manager.caller, { name: 'x' })).name, 'x')
  })

  test('to disabled has its tokens refused and its sessions ended at once; enabled again, the tokens live', async () => {
    const { world, person, admin, change } = await withMember()
    const { text } = await makeToken(world, person)
    const { cookie } = await signIn(world.ports, peer, person.account.username, password)
    assert.equal(await verify(world, text), 'valid')
    const { seq } = world.store.source.position()
    await change(admin, { status: 'disabled' })
    assert.equal(await verify(world, text), 'owner_disabled')
    assert.equal(await findSession(world.ports, cookie.reveal()), undefined)
    await change(admin, { status: 'active' })
    assert.equal(await verify(world, text), 'valid')
    assert.equal(await findSession(world.ports, cookie.reveal()), undefined)
    assert.deepEqual(actionsSince(world, seq), ['account.disabled', 'account.enabled'])
    assert.deepEqual(
      world.store.entries.slice(seq).map(({ effect }) => effect),
      ['takes', 'gives'],
    )
  })

  test('to disabled is answered only when the memory has applied it, also when it was so before', async () => {
    const { world, person, admin, change } = await withMember()
    const { text } = await makeToken(world, person)
    await verify(world, text)
    const gate = new Gate()
    world.store.beforeDelivery = () => gate.pass()
    const both = [change(admin, { status: 'disabled' }), change(admin, { status: 'disabled' })]
    for (const one of both) assert.equal(await isPending(one), true)
    gate.open()
    await Promise.all(both)
    assert.equal(await verify(world, text), 'owner_disabled')
  })

  test('while it is being disabled makes no token that lives', async () => {
    const { world, person, admin, change } = await withMember()
    const [, ...made] = await Promise.allSettled([
      change(admin, { status: 'disabled' }),
      ...Array.from({ length: 5 }, () => makeToken(world, person)),
    ])
    for (const result of made) {
      if (result.status === 'fulfilled') assert.equal(await verify(world, result.value.text), 'owner_disabled')
      else assert.ok(['not-permitted', 'credential-rejected'].includes(result.reason.key))
    }
  })
})

describe('administrators', () => {
  test('are touched by nobody who is less, not even in a name', async () => {
    const world = makeWorld()
    const admin = await makePerson(world, { role: 'admin', password })
    const narrow = await makeManager(world, { scopes: ['chatelaine.accounts:write'] })
    const edits: AccountEdit[] = [{ name: 'x' }, { status: 'disabled' }, { role: 'member' }, { email: 'x@example.org' }]
    for (const edit of edits) {
      await refuses('exceeds-caller', () => changeAccount(world.ports, narrow.caller, admin.account.id, edit))
    }
    const member = await makeAccount(world)
    await refuses('exceeds-caller', () => changeAccount(world.ports, narrow.caller, member.id, { role: 'admin' }))
  })

  test('never become none: the last active one is neither disabled nor made a member', async () => {
    const world = makeWorld()
    const admin = await makePerson(world, { role: 'admin' })
    await changeAccount(world.ports, admin, (await makeAccount(world, { role: 'admin' })).id, { status: 'disabled' })
    const edits: AccountEdit[] = [{ status: 'disabled' }, { role: 'member' }]
    for (const edit of edits) {
      await refuses('last-administrator', () => changeAccount(world.ports, operatorCaller, admin.account.id, edit))
    }
    await changeAccount(world.ports, operatorCaller, admin.account.id, { name: 'still here' })
  })

  test('do not lock themselves out by taking the single sign-on that is their one way in', async () => {
    const world = makeWorld()
    const identity = { issuer: 'https://login.example.com', subject: '1' }
    const admin = await makePerson(world, { role: 'admin', identity })
    const take = (caller: Caller, id = admin.account.id) => changeAccount(world.ports, caller, id, { identity: null })
    await refuses('last-sign-in-method', () => take(admin))
    const other = await makePerson(world, { role: 'admin' })
    assert.equal((await take(other)).identity, null)
  })

  test('that end one another at once leave one', async () => {
    const world = makeWorld()
    const [one, other] = [await makePerson(world, { role: 'admin' }), await makePerson(world, { role: 'admin' })]
    const results = await Promise.allSettled([
      changeAccount(world.ports, one, other.account.id, { role: 'member' }),
      changeAccount(world.ports, other, one.account.id, { role: 'member' }),
    ])
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
    const page = await listAccounts(world.ports, operatorCaller, { role: 'admin', limit: 10 })
    assert.equal(page.items.length, 1)
  })

  test('need not exist where manager tokens run the deployment', async () => {
    const world = makeWorld()
    const member = await makeAccount(world)
    const manager = await makeManager(world, { scopes: ['chatelaine.accounts:write'] })
    const account = await changeAccount(world.ports, manager.caller, member.id, { status: 'disabled' })
    assert.equal(account.status, 'disabled')
  })

  test('who are made members meanwhile do nothing more with the right they had', async () => {
    const world = makeWorld()
    const [one, other] = [await makePerson(world, { role: 'admin' }), await makePerson(world, { role: 'admin' })]
    await changeAccount(world.ports, one, other.account.id, { role: 'member' })
    await refuses('not-permitted', () => createAccount(world.ports, other, { username: 'new' }))
    await refuses('not-found', () => changeAccount(world.ports, other, one.account.id, { status: 'disabled' }))
  })
})

describe('who sees accounts', () => {
  test('everybody their own, and the whole list whoever reaches the deployment', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const token = await makeToken(world, person)
    const manager = await makeManager(world, { scopes: ['chatelaine.accounts:read'] })
    const { id } = person.account
    for (const caller of [person, token.caller, manager.caller, operatorCaller]) {
      assert.equal((await readAccount(world.ports, caller, id)).id, id)
    }
    assert.equal((await readOwnAccount(world.ports, token.caller)).id, id)
    const stranger = await makePerson(world)
    await refuses('not-found', () => readAccount(world.ports, stranger, id))
    for (const caller of [person, token.caller]) {
      await refuses('not-permitted', () => listAccounts(world.ports, caller, { limit: 10 }))
    }
    assert.equal((await listAccounts(world.ports, manager.caller, { limit: 10 })).items.length, 2)
  })
})

function withoutPassword<T extends { password: string }>({ password: _, ...rest }: T): Omit<T, 'password'> {
  return rest
}
