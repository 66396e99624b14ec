import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Schema } from '@chatelaine/api'
import {
  cocalcSchemas,
  cogniacSchemas,
  coscineSchemas,
  irodsAuthPath,
  neuroioSchemas,
  sodarSchemas,
} from '@chatelaine/api/wires'
import type { WireName } from '@chatelaine/core'
import * as fc from 'fast-check'
import { wires } from '../../packages/server/src/wire/wires.ts'
import { goodPassword, openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { exchange, exchangeJson, shaped, type Received } from './exchange.ts'

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/** How one wire is asked with a token, and what it says. */
interface Door {
  /** The token as its clients send it. */
  present(token: string): string
  /** What asks for nothing but a good credential. */
  readonly asked: readonly [method: string, target: string, body?: object]
  isAccepted(answer: Received): boolean
  readonly refused: Schema
  /** The status for a credential that is missing or dead, and for one of another kind. */
  readonly statuses: { readonly dead: number; readonly otherKind: number }
  /** Makes a token with another one. */
  make(deployment: Deployment, token: string): Promise<string>
}

const neuroio = {
  present: (token: string) => `Token ${token}`,
  asked: ['GET', '/v1/whoami/'],
  isAccepted: ({ status }: Received) => status === 200,
  refused: neuroioSchemas.Refused,
  statuses: { dead: 401, otherKind: 403 },
  async make(deployment: Deployment, token: string) {
    const { body } = await exchangeJson(deployment, 'POST', '/v1/tokens/', this.present(token), {})
    return shaped(neuroioSchemas.Token, body).key
  },
} as const satisfies Door

const doors = {
  neuroio,
  cogniac: {
    present: (token) => `Bearer ${token}`,
    asked: ['GET', '/1/users/current'],
    isAccepted: ({ status }) => status === 200,
    refused: cogniacSchemas.Refused,
    statuses: { dead: 401, otherKind: 403 },
    async make(deployment, token) {
      const target = '/1/users/current/apiKeys'
      const { body } = await exchangeJson(deployment, 'POST', target, this.present(token), { description: 'x' })
      return shaped(cogniacSchemas.Key, body).api_key!.split(':')[1]!
    },
  },
  cocalc: {
    present: (token) => basic(token, ''),
    asked: ['POST', '/api/v2/api-keys', { action: 'get' }],
    isAccepted: ({ body }) => typeof body === 'object' && body !== null && 'response' in body,
    refused: cocalcSchemas.Refused,
    statuses: { dead: 200, otherKind: 200 },
    async make(deployment, token) {
      const asked = { action: 'create', expire: Date.now() + 3_600_000 }
      const { body } = await exchangeJson(deployment, 'POST', '/api/v2/api-keys', this.present(token), asked)
      return shaped(cocalcSchemas.NewKey, body).response[0].secret
    },
  },
  sodar: {
    present: (token) => `token ${token}`,
    asked: ['POST', '/tokens/api/login', { expiry: -1 }],
    // The fault of the field is told only to whom the token let in.
    isAccepted: ({ status }) => status === 400,
    refused: sodarSchemas.Refused,
    statuses: { dead: 401, otherKind: 403 },
    async make(deployment, token) {
      const { body } = await exchangeJson(deployment, 'POST', '/tokens/api/login', this.present(token), { expiry: 1 })
      return shaped(sodarSchemas.LoggedIn, body).token
    },
  },
  coscine: {
    present: (token) => `Bearer ${token}`,
    asked: ['GET', '/coscine/api/v2/self'],
    isAccepted: ({ status }) => status === 200,
    refused: coscineSchemas.Refused,
    statuses: { dead: 401, otherKind: 403 },
    async make(deployment, token) {
      const asked = { name: 'x', expiresInDays: 1 }
      const target = '/coscine/api/v2/self/api-tokens'
      const { body } = await exchangeJson(deployment, 'POST', target, this.present(token), asked)
      return shaped(coscineSchemas.OneToken, body).data.token!
    },
  },
} as const satisfies Record<WireName, Door>

const names = Object.keys(doors) as WireName[]

function knock(deployment: Deployment, name: WireName, token: string | undefined): Promise<Received> {
  const door: Door = doors[name]
  const [method, target, body] = door.asked
  return exchangeJson(deployment, method, target, token && door.present(token), body)
}

describe('on every wire', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true })
  })
  after(() => deployment.close())

  for (const name of names) {
    test(`a token made by ${name} works on all and natively, and is dead on all before its end is answered`, async () => {
      const token = await doors[name].make(deployment, ada.token)
      const self = await deployment.ask('getOwnToken', { as: token })
      assert.deepEqual([self.status, self.body.origin], [200, name])
      for (const other of names) {
        const door: Door = doors[other]
        assert.ok(door.isAccepted(await knock(deployment, other, token)), `${other} refuses it`)
      }
      const ended = await exchangeJson(deployment, 'DELETE', `/v1/tokens/${self.body.serial}/`, `Token ${ada.token}`)
      assert.equal(ended.status, 204)
      for (const other of names) assert.ok(!isAccepted(other, await knock(deployment, other, token)), other)
      assert.equal((await deployment.ask('getOwnToken', { as: token })).status, 401)
    })

    test(`${name} tells whoever has no credential, or a dead one, in its own shape, and nothing changes`, async () => {
      const { statuses, refused }: Door = doors[name]
      const make = async (life: object) => secretOf(await deployment.ask('createToken', { as: ada.token, body: life }))
      const [revoked, suspended, expired] = [await make({}), await make({}), await make({ lifetime_seconds: 60 })]
      const bodyOf = async (token: string) => (await deployment.ask('getOwnToken', { as: token })).body
      await deployment.ask('revokeToken', { as: ada.token, params: { id: (await bodyOf(revoked)).id } })
      const params = { id: (await bodyOf(suspended)).id }
      await deployment.ask('updateToken', { as: ada.token, params, body: { is_active: false } })
      deployment.clock.advance(60_001)
      const changes = deployment.changeCount()
      for (const token of [undefined, revoked, suspended, expired, `${ada.token}x`]) {
        const answer = await knock(deployment, name, token)
        assert.equal(answer.status, statuses.dead)
        shaped(refused, answer.body)
        assert.equal(answer.headers.has('www-authenticate'), answer.status === 401)
        assert.equal(answer.headers.get('cache-control'), 'no-store')
      }
      const otherKind = await knock(deployment, name, deployment.root)
      assert.equal(otherKind.status, statuses.otherKind)
      shaped(refused, otherKind.body)
      assert.equal(deployment.changeCount(), changes)
    })
  }

  test('whoever has a dead credential, or none, is told at every route in its shape, and nothing changes', async () => {
    const dead = secretOf(await deployment.ask('createToken', { as: ada.token, body: {} }))
    await deployment.ask('revokeOwnToken', { as: dead })
    const changes = deployment.changeCount()
    for (const name of names) {
      const { refused, statuses }: Door = doors[name]
      for (const { method, path } of wires[name].routes) {
        // Its body is its credential.
        if (path === '/v1/auth/token/') continue
        for (const token of [undefined, dead]) {
          const target = path.replaceAll(/:\w+/g, '1')
          const answer = await exchangeJson(deployment, method, target, token && doors[name].present(token))
          assert.equal(answer.status, statuses.dead, `${method} ${path}`)
          // Whoever shows no token in a scheme of tokens hears nothing there.
          if (path === irodsAuthPath && token === undefined) assert.equal(answer.body, '')
          else shaped(refused, answer.body)
        }
      }
    }
    assert.equal(deployment.changeCount(), changes)
  })

  test('another’s token is not there for whoever asks by any wire, and lives on', async () => {
    const eve = await deployment.member('eve', { permanent: true })
    const theirs = secretOf(await deployment.ask('createToken', { as: eve.token, body: {} }))
    const { id, serial, uuid } = (await deployment.ask('getOwnToken', { as: theirs })).body
    const asked: [name: WireName, method: string, target: string, status: number, body?: object][] = [
      ['neuroio', 'GET', `/v1/tokens/${serial}/`, 404],
      ['neuroio', 'GET', `/v1/tokens/${theirs}/`, 404],
      ['neuroio', 'PUT', `/v1/tokens/${serial}/`, 404, { is_active: false }],
      ['neuroio', 'DELETE', `/v1/tokens/${serial}/`, 404],
      ['neuroio', 'DELETE', `/v1/tokens/${theirs}/`, 404],
      ['cogniac', 'GET', `/1/users/current/apiKeys/${id.slice(4)}`, 404],
      ['cogniac', 'DELETE', `/1/users/current/apiKeys/${id.slice(4)}`, 404],
      ['cogniac', 'DELETE', `/1/users/${eve.id}/apiKeys/${id.slice(4)}`, 403],
      ['cogniac', 'POST', `/1/users/${eve.id}/apiKeys`, 403, { description: 'x' }],
      ['cocalc', 'POST', '/api/v2/api-keys', 200, { action: 'edit', id: serial, name: 'x' }],
      ['cocalc', 'POST', '/api/v2/api-keys', 200, { action: 'delete', id: serial }],
      ['coscine', 'GET', `/coscine/api/v2/self/api-tokens/${uuid}`, 404],
      ['coscine', 'DELETE', `/coscine/api/v2/self/api-tokens/${uuid}`, 404],
    ]
    const changes = deployment.changeCount()
    for (const [name, method, target, status, body] of asked) {
      const door: Door = doors[name]
      const answer = await exchangeJson(deployment, method, target, door.present(ada.token), body)
      assert.equal(answer.status, status, `${method} ${target}`)
      shaped(door.refused, answer.body)
      if (name === 'cocalc') assert.deepEqual(answer.body, { error: `no api key with id ${serial}` })
    }
    assert.equal(deployment.changeCount(), changes)
    assert.equal((await deployment.ask('getOwnToken', { as: theirs })).status, 200)
  })

  function isAccepted(name: WireName, answer: Received): boolean {
    const door: Door = doors[name]
    return door.isAccepted(answer)
  }
})

describe('whatever is sent', () => {
  let deployment: Deployment
  let ada: Member
  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada', { permanent: true })
    await deployment.ask('changePassword', {
      as: deployment.root,
      params: { id: ada.id },
      body: { new_password: goodPassword },
    })
  })
  after(() => deployment.close())

  /** Of which the requests may end every one. */
  const makeVictim = async () =>
    secretOf(await deployment.ask('createToken', { as: deployment.root, body: { account_id: ada.id } }))
  const types = [
    'application/json',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    '',
  ]
  const broken = [
    '',
    '{',
    '[]',
    'null',
    '"x"',
    '{"a":1,"a":2}',
    '{"__proto__":{}}',
    '{"permanent":{"$gt":""}}',
    '{"id":1e999}',
    '{"id":-1,"action":"delete"}',
    `{"name":"${'x'.repeat(70_000)}"}`,
    '['.repeat(5_000),
    'a=1&a=2&%zz=%',
    'is_active=perhaps',
    '\u0000\ufffd',
  ]
  const bodies = fc.oneof(fc.constantFrom(...broken), fc.json(), fc.string({ unit: 'binary', maxLength: 200 }))
  const segments = fc.constantFrom('0', '1', '-1', '1e9', '[object%20Object]', 'undefined', '%00', '%ff', '..%2f', 'ä')

  for (const name of names) {
    for (const prefix of new Set(wires[name].routes.map(({ method, path }) => `${method} ${path}`))) {
      const [method = '', path = ''] = prefix.split(' ')
      test(`${prefix} answers it without a fault of ours`, async () => {
        const victim = await makeVictim()
        const mayHaveBody = method !== 'GET'
        const property = fc.asyncProperty(fc.constantFrom(...types), bodies, segments, async (type, body, segment) => {
          const target = path.replaceAll(/:\w+/g, segment)
          const headers = {
            authorization: doors[name].present(victim),
            ...(type === '' ? {} : { 'content-type': type }),
          }
          const answer = await exchange(deployment, method, target, mayHaveBody ? { headers, body } : { headers })
          assert.ok(answer.status < 500, `${method} ${target}: ${answer.status} ${JSON.stringify(answer.body)}`)
        })
        await fc.assert(property, { numRuns: mayHaveBody ? 25 : 6 })
      })
    }
  }

  test('no log keeps a key that stood in a path, a header or an answer', async () => {
    const victim = await makeVictim()
    for (const name of names) {
      for (const { method, path } of wires[name].routes) {
        await exchangeJson(deployment, method, path.replaceAll(/:\w+/g, victim), doors[name].present(victim))
      }
      await knock(deployment, name, victim)
    }
    const secrets = [victim, ada.token].map((token) => token.slice(-38, -6))
    assert.ok(deployment.logged.some((line) => line.includes('/v1/tokens/:key/')))
    for (const line of deployment.logged)
      assert.ok(
        secrets.every((secret) => !line.includes(secret)),
        line,
      )
  })
})
