import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { generateSecret, generateToken } from '@chatelaine/token'
import { openDeployment, secretOf, type Deployment, type Member, type Said } from './deployment.ts'

const random = (count: number) => randomBytes(count)

describe('revocation by whoever holds a token (RFC 7009)', () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
  })
  after(() => deployment.close())

  async function create(body: object = {}, as = ada.token) {
    const answer = await deployment.ask('createToken', { as, body })
    assert.equal(answer.status, 201, answer.detail)
    return { id: answer.body.id, secret: secretOf(answer) }
  }

  const revoke = (token: string, said: Said = {}) =>
    deployment.ask('revokePresentedToken', { ...said, form: { token, ...said.form } })

  const isGood = async (token: string) => (await deployment.ask('getOwnToken', { as: token })).status === 200

  async function revocationOf(id: string) {
    const query = { subject: id, action: 'token.revoked' }
    const { data } = (await deployment.ask('listAuditEntries', { as: deployment.root, query })).body
    assert.equal(data.length, 1)
    return data[0]!
  }

  describe('§2.1, the request', () => {
    test('a token that is sent as a form is dead everywhere once it is answered', async () => {
      const { id, secret } = await create()
      assert.ok(await isGood(secret))
      assert.equal((await revoke(secret)).status, 200)
      assert.ok(!(await isGood(secret)))
      const { body } = await deployment.ask('getToken', { as: ada.token, params: { id } })
      assert.equal(body.status, 'revoked')
    })

    test('what the token made ends with it', async () => {
      const parent = await create()
      const child = await create({}, parent.secret)
      await revoke(parent.secret)
      assert.ok(!(await isGood(child.secret)))
    })

    test('a hint changes nothing, be it right, wrong or made up', async () => {
      for (const hint of ['access_token', 'refresh_token', 'made_up']) {
        const { secret } = await create()
        assert.equal((await revoke(secret, { form: { token_type_hint: hint } })).status, 200)
        assert.ok(!(await isGood(secret)))
      }
    })

    test('a public client needs no credential: holding the token is the right to end it', async () => {
      const { id, secret } = await create()
      await revoke(secret)
      assert.equal((await revocationOf(id)).actor.type, 'anonymous')
    })

    test('a confidential client sends its own token, and is named in the audit log', async () => {
      const { id, secret } = await create()
      const client = await create({ kind: 'manager', scopes: ['chatelaine.tokens:verify'] }, deployment.root)
      assert.equal((await revoke(secret, { as: client.secret })).status, 200)
      assert.equal((await revocationOf(id)).actor.token_id, client.id)
      assert.ok(await isGood(client.secret))
    })

    test('a token may end itself with itself as the credential', async () => {
      const { id, secret } = await create()
      assert.equal((await revoke(secret, { as: secret })).status, 200)
      assert.ok(!(await isGood(secret)))
      assert.equal((await revocationOf(id)).actor.token_id, id)
    })

    test('the credential of the client is validated first: a dead one is refused and the token lives', async () => {
      const { secret } = await create()
      const changes = deployment.changeCount()
      const answer = await revoke(secret, { as: 'junk' })
      assert.equal(answer.status, 401)
      assert.equal(answer.oauthError, 'invalid_client')
      assert.equal(deployment.changeCount(), changes)
      assert.ok(await isGood(secret))
    })

    test('a browser that is signed in lends its session to nobody', async () => {
      const { id, secret } = await create()
      await revoke(secret, { headers: { cookie: 'chatelaine_session=whatever', 'sec-fetch-site': 'cross-site' } })
      assert.equal((await revocationOf(id)).actor.type, 'anonymous')
    })
  })

  describe('§2.2, the response', () => {
    test('a token that is not known is a success, and so is what is no token, and nothing is changed', async () => {
      const nobodys = generateToken({ prefix: 'chl', kind: 'account' }, random).token.reveal()
      const changes = deployment.changeCount()
      for (const token of [nobodys, 'junk', ada.token.slice(0, -1), ada.tokenId]) {
        assert.equal((await revoke(token)).status, 200)
      }
      assert.equal(deployment.changeCount(), changes)
      assert.ok(await isGood(ada.token))
    })

    test('a token that was revoked before is a success, and of many revocations at once one is logged', async () => {
      const { id, secret } = await create()
      const answers = await Promise.all(Array.from({ length: 20 }, () => revoke(secret)))
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
      await revocationOf(id)
    })

    test('either secret of a token in rotation ends it, and one whose grace is over ends nothing any more', async () => {
      const rotate = async (id: string) => {
        const said = { as: ada.token, params: { id }, body: { grace_seconds: 60 } }
        return secretOf(await deployment.ask('rotateToken', said))
      }
      for (const end of ['old', 'new']) {
        const { id, secret } = await create()
        const next = await rotate(id)
        await revoke(end === 'old' ? secret : next)
        assert.deepEqual([await isGood(secret), await isGood(next)], [false, false], end)
      }
      const { id, secret } = await create()
      const next = await rotate(id)
      assert.ok(await isGood(next))
      deployment.clock.advance(61_000)
      assert.equal((await revoke(secret)).status, 200)
      assert.ok(await isGood(next))
    })

    test('a token with the id of another and a secret of its own ends nothing', async () => {
      const { id, secret } = await create()
      const forged = generateSecret({ prefix: 'chl', kind: 'account', id }, random).token.reveal()
      assert.equal((await revoke(forged)).status, 200)
      assert.ok(await isGood(secret))
    })
  })

  describe('§2.2.1, errors', () => {
    test('a request without a token, or with two, is an invalid request', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      for (const body of ['', 'token=', `token=${ada.token}&token=${ada.token}`]) {
        const answer = await deployment.send('POST', '/oauth/revoke', { body, headers })
        assert.equal(answer.status, 400, body)
        assert.equal(answer.oauthError, 'invalid_request', body)
      }
      assert.ok(await isGood(ada.token))
    })

    test('a body that is no form is an invalid request', async () => {
      const answer = await deployment.send('POST', '/oauth/revoke', { body: { token: ada.token } })
      assert.equal(answer.oauthError, 'invalid_request')
      assert.ok(await isGood(ada.token))
    })

    test('a token in the URL is an invalid request and is not revoked by it', async () => {
      const { secret } = await create()
      const answer = await deployment.send('POST', `/oauth/revoke?token=${secret}`, { form: { token: secret } })
      assert.equal(answer.oauthError, 'invalid_request')
      assert.ok(await isGood(secret))
    })

    test('only POST is answered', async () => {
      assert.equal((await deployment.send('GET', '/oauth/revoke')).status, 405)
    })
  })
})
