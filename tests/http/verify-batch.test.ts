import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

describe('a batch of verifications', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  const create = async (body: object): Promise<string> =>
    secretOf(await deployment.ask('createToken', { as: ada.token, body }))
  const verifyAll = (tokens: readonly object[], as = deployment.root) =>
    deployment.ask('verifyTokens', { as, body: { tokens } })

  test('answers each question in its place as it is answered alone', async () => {
    const narrow = await create({ scopes: ['data:read'] })
    const questions = [
      { token: 'junk' },
      { token: narrow },
      { token: narrow, scopes: ['data:write'] },
      { token: deployment.root },
      { token: deployment.root, kinds: ['manager'] },
    ]
    const { body } = await verifyAll(questions)
    assert.deepEqual(
      body.results.map(({ code }) => code),
      ['malformed', 'valid', 'insufficient_scope', 'wrong_kind', 'valid'],
    )
    for (const [index, question] of questions.entries()) {
      const alone = await deployment.ask('verifyToken', { as: deployment.root, body: question })
      assert.deepEqual(body.results[index], alone.body)
    }
  })

  test('takes from a token with one use once, however often it is in it', async () => {
    const token = await create({ uses_remaining: 1 })
    const { body } = await verifyAll(Array.from({ length: 100 }, () => ({ token })))
    const codes = body.results.map(({ code }) => code)
    assert.deepEqual([codes.length, codes.filter((code) => code === 'valid').length], [100, 1])
    assert.deepEqual(new Set(codes), new Set(['valid', 'uses_exceeded']))
  })

  test('tells an account of its own tokens alone', async () => {
    const eve = await deployment.member('eve', { scopes: ['chatelaine.tokens:verify'] })
    const { body } = await verifyAll([{ token: ada.token }, { token: eve.token }], eve.token)
    assert.deepEqual(
      body.results.map(({ code }) => code),
      ['unknown', 'valid'],
    )
  })

  test('of none, or of more than 100, is refused', async () => {
    for (const length of [0, 101]) {
      const answer = await verifyAll(Array.from({ length }, () => ({ token: ada.token })))
      assert.deepEqual([answer.problem, answer.pointers], ['invalid-request', ['/tokens']])
    }
  })
})
