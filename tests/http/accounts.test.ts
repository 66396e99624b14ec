import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { goodPassword, openDeployment, type Deployment } from './deployment.ts'

describe('accounts', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  const add = (body: object) => deployment.ask('createAccount', { as: deployment.root, body })
  const change = (id: string, body: object) =>
    deployment.ask('updateAccount', { as: deployment.root, params: { id }, body })

  test('are made with what was asked for, and say of the password only that there is one', async () => {
    const body = { username: 'Ada', email: 'Ada@example.org', name: 'Ada Lovelace', external_id: '1815' }
    const made = await add({ ...body, password: goodPassword })
    assert.equal(made.status, 201)
    assert.deepEqual({ ...made.body, ...body }, made.body)
    assert.equal(made.body.has_password, true)
    assert.equal(made.body.role, 'member')
    const shown = await deployment.ask('getAccount', { as: deployment.root, params: { id: made.body.id } })
    assert.deepEqual(shown.body, made.body)
    assert.ok(!JSON.stringify(shown.body).includes('argon2'))
  })

  test('have names, addresses and external ids that nobody else has, in any case', async () => {
    await add({ username: 'Grace', email: 'grace@example.org', external_id: 'g-1' })
    for (const [field, body] of [
      ['username', { username: 'gRACE' }],
      ['email', { username: 'grace2', email: 'GRACE@EXAMPLE.ORG' }],
      ['external_id', { username: 'grace3', external_id: 'g-1' }],
    ] as const) {
      const answer = await add(body)
      assert.equal(answer.problem, 'already-taken')
      assert.deepEqual(answer.pointers, [`/${field}`])
    }
    const { body } = await add({ username: 'grace4' })
    assert.equal((await change(body.id, { username: 'GRACE' })).problem, 'already-taken')
  })

  for (const [what, body, pointer] of [
    ['an empty user name', { username: '' }, '/username'],
    ['a user name of spaces', { username: '   ' }, '/username'],
    ['a user name with a line break', { username: 'a\nb' }, '/username'],
    ['an e-mail address that is none', { username: 'x', email: 'x' }, '/email'],
    ['a password of 14 characters', { username: 'x', password: 'x'.repeat(14) }, '/password'],
    ['a password that is too long to compute', { username: 'x', password: 'x'.repeat(1_025) }, '/password'],
    ['a role that nobody knows', { username: 'x', role: 'root' }, '/role'],
  ] as const) {
    test(`are not made with ${what}`, async () => {
      assert.deepEqual([...new Set((await add(body)).pointers)], [pointer])
    })
  }

  test('may have a password of any characters', async () => {
    const password = ' пароль 🗝\t"\\ é '
    await add({ username: 'unicode', password })
    assert.match(await deployment.signIn('unicode', password), /ses_/)
  })

  test('are found by a part of name or address, by role, status and external id', async () => {
    const { body } = await add({ username: 'findme', email: 'where@example.org', name: '50%', external_id: 'x-9' })
    const find = async (query: Record<string, string>) => {
      const answer = await deployment.ask('listAccounts', { as: deployment.root, query })
      return answer.body.data.map(({ id }) => id)
    }
    for (const query of [{ q: 'FINDM' }, { q: 'where@' }, { q: '0%' }, { external_id: 'x-9' }]) {
      assert.deepEqual(await find(query), [body.id])
    }
    await change(body.id, { status: 'disabled' })
    assert.deepEqual(await find({ status: 'disabled' }), [body.id])
    assert.deepEqual(await find({ role: 'admin' }), [])
  })

  test('are listed page by page, each once', async () => {
    const whole = (await deployment.ask('listAccounts', { as: deployment.root })).body.data.map(({ id }) => id)
    const paged: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: Record<string, string> = { limit: '2', cursor }
      const { body } = await deployment.ask('listAccounts', { as: deployment.root, query })
      paged.push(...body.data.map(({ id }) => id))
      cursor = body.next_cursor
    }
    assert.deepEqual(paged, whole)
    assert.equal(new Set(paged).size, paged.length)
  })

  test('that are disabled have every token refused, until they are enabled again', async () => {
    const member = await deployment.member('switched')
    const status = async () =>
      (await deployment.ask('verifyToken', { as: deployment.root, body: { token: member.token } })).body.code
    assert.equal(await status(), 'valid')
    assert.equal(
      (await deployment.ask('disableAccount', { as: deployment.root, params: { id: member.id } })).status,
      204,
    )
    assert.equal(await status(), 'owner_disabled')
    assert.equal(
      (await deployment.ask('disableAccount', { as: deployment.root, params: { id: member.id } })).status,
      204,
    )
    assert.equal((await change(member.id, { status: 'active' })).status, 200)
    assert.equal(await status(), 'valid')
  })

  test('change of themselves the name and the address, and nothing else', async () => {
    const { id } = (await add({ username: 'self', password: goodPassword })).body
    const cookie = await deployment.signIn('self', goodPassword)
    const own = (body: object) => deployment.ask('updateOwnAccount', { cookie, body })
    assert.equal((await own({ name: 'Me', email: 'me@example.org' })).body.name, 'Me')
    assert.equal((await own({ email: null })).body.email, null)
    for (const body of [{ role: 'admin' }, { username: 'boss' }, { status: 'disabled' }, { external_id: 'x' }]) {
      assert.equal((await own(body)).problem, 'invalid-request')
      const byId = await deployment.ask('updateAccount', { cookie, params: { id }, body })
      assert.equal(byId.problem, 'not-permitted')
    }
    assert.equal((await deployment.ask('disableAccount', { cookie, params: { id } })).problem, 'not-permitted')
    assert.equal((await deployment.ask('getOwnAccount', { cookie })).body.id, id)
  })

  test('are nobody to a manager that asks for its own', async () => {
    assert.equal((await deployment.ask('getOwnAccount', { as: deployment.root })).problem, 'not-found')
    const body = { name: 'x' }
    assert.equal((await deployment.ask('updateOwnAccount', { as: deployment.root, body })).problem, 'not-found')
  })

  test('keep one active administrator at the least', async () => {
    const { id } = (await add({ username: 'last', role: 'admin' })).body
    assert.equal((await change(id, { role: 'member' })).problem, 'last-administrator')
    assert.equal((await change(id, { status: 'disabled' })).problem, 'last-administrator')
    assert.equal(
      (await deployment.ask('disableAccount', { as: deployment.root, params: { id } })).problem,
      'last-administrator',
    )
    await add({ username: 'next', role: 'admin' })
    assert.equal((await change(id, { role: 'member' })).body.role, 'member')
  })
})
