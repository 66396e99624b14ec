import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeSetUpCode } from '@chatelaine/core'
import { goodPassword, openDeployment } from './deployment.ts'

const administrator = { username: 'ada', password: goodPassword, email: 'ada@example.org' }

test('the set-up code makes the first administrator, once', async (t) => {
  const deployment = await openDeployment()
  t.after(() => deployment.close())
  const code = makeSetUpCode(deployment.service.ports).reveal()
  const made = await deployment.ask('setUp', { body: { code, ...administrator } })
  assert.equal(made.status, 201)
  assert.equal(made.body.role, 'admin')
  assert.equal(made.body.email, 'ada@example.org')
  await deployment.signIn('ada', goodPassword)
  const again = await deployment.ask('setUp', { body: { code, username: 'eve', password: goodPassword } })
  assert.equal(again.problem, 'set-up-closed')
})

test('of many who use the set-up code at once one becomes administrator', async (t) => {
  const deployment = await openDeployment()
  t.after(() => deployment.close())
  const code = makeSetUpCode(deployment.service.ports).reveal()
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((username) =>
      deployment.ask('setUp', { body: { code, username, password: goodPassword } }),
    ),
  )
  assert.equal(answers.filter(({ status }) => status === 201).length, 1)
  assert.equal(answers.filter(({ problem }) => problem === 'set-up-closed').length, 3)
})

test('a set-up code that is wrong, of another deployment or older than an hour makes nobody', async (t) => {
  const [deployment, other] = [await openDeployment(), await openDeployment()]
  t.after(() => Promise.all([deployment.close(), other.close()]))
  const code = makeSetUpCode(deployment.service.ports).reveal()
  const [issued = '', nonce = '', mac = ''] = code.split('.')
  const later = `${(Number.parseInt(issued, 36) + 1).toString(36)}.${nonce}.${mac}`
  const strange = makeSetUpCode(other.service.ports).reveal()
  const changes = deployment.changeCount()
  const attempt = (tried: string) => deployment.ask('setUp', { body: { code: tried, ...administrator } })
  for (const tried of ['', 'x', '..', later, strange, code.slice(0, -1)]) {
    assert.equal((await attempt(tried)).problem, 'set-up-code-rejected', tried)
  }
  deployment.clock.advance(3_600_000)
  assert.equal((await attempt(code)).problem, 'set-up-code-rejected')
  assert.equal(deployment.changeCount(), changes)
})

test('the set-up of an administrator says which field is wrong', async (t) => {
  const deployment = await openDeployment()
  t.after(() => deployment.close())
  const code = makeSetUpCode(deployment.service.ports).reveal()
  const attempt = (more: object) => deployment.ask('setUp', { body: { code, ...administrator, ...more } })
  assert.deepEqual((await attempt({ password: 'too short' })).pointers, ['/password'])
  assert.deepEqual((await attempt({ username: ' ada' })).pointers, ['/username'])
  assert.deepEqual((await attempt({ email: 'ada' })).pointers, ['/email'])
  assert.equal(
    (
      await deployment.send('POST', '/api/v1/setup', {
        body: { code, ...administrator },
        headers: { 'sec-fetch-site': 'cross-site' },
      })
    ).problem,
    'cross-site-request',
  )
})
