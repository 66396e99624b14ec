import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createVerifier, type LocalVerifier } from '@chatelaine/sdk'
import { requireToken as requireInExpress } from '@chatelaine/sdk/express'
import { requireToken as requireInFastify } from '@chatelaine/sdk/fastify'
import { requireToken as requireInFetch } from '@chatelaine/sdk/fetch'
import { requireToken as requireInHono } from '@chatelaine/sdk/hono'
import { requireToken as requireInHttp, type TokenRequirements } from '@chatelaine/sdk/http'
import { requireToken as requireInKoa } from '@chatelaine/sdk/koa'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import Koa from 'koa'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'

type Send = (headers?: Record<string, string>) => Promise<Response>

/** A service that answers with the id of the token that a request speaks with, inside of one framework. */
interface Service {
  readonly send: Send
  close(): Promise<void>
}

type Serve = (verifier: LocalVerifier, requirements: TokenRequirements) => Promise<Service>

const frameworks: Readonly<Record<string, Serve>> = {
  Express: (verifier, requirements) => {
    const app = express()
    app.get('/', requireInExpress(verifier, requirements), (request, response) => {
      response.send(request.chatelaine?.token_id)
    })
    return listening(createServer(app as RequestListener))
  },
  async Fastify(verifier, requirements) {
    const app = fastify()
    app.get('/', { onRequest: requireInFastify(verifier, requirements) }, (request) => request.chatelaine?.token_id)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    return { send: (headers = {}) => fetch(url, { headers }), close: () => app.close() }
  },
  Hono(verifier, requirements) {
    const app = new Hono()
    app.get('/', requireInHono(verifier, { ...requirements, clientIp: () => '127.0.0.1' }), (context) =>
      context.text(context.get('chatelaine').token_id),
    )
    const send: Send = async (headers = {}) => app.request('/', { headers })
    return Promise.resolve({ send, close: () => Promise.resolve() })
  },
  Koa: (verifier, requirements) => {
    const app = new Koa()
    app.use(requireInKoa(verifier, requirements))
    app.use((context) => {
      context.body = context.state['chatelaine'].token_id
    })
    const handle = app.callback()
    return listening(createServer((request, response) => void handle(request, response)))
  },
  'node:http': (verifier, requirements) =>
    listening(
      createServer(
        requireInHttp(verifier, requirements, (request, response) => response.end(request.chatelaine.token_id)),
      ),
    ),
  'a fetch handler'(verifier, requirements) {
    const handle = requireInFetch(
      verifier,
      { ...requirements, clientIp: (_, about: { address: string }) => about.address },
      (_, token) => new Response(token.token_id),
    )
    const send: Send = (headers = {}) => handle(new Request('http://x/', { headers }), { address: '127.0.0.1' })
    return Promise.resolve({ send, close: () => Promise.resolve() })
  },
}

for (const [framework, serve] of Object.entries(frameworks)) {
  describe(`in ${framework}`, () => {
    let deployment: Deployment
    let verifier: LocalVerifier
    const services: Service[] = []

    before(async () => {
      deployment = await openDeployment()
      verifier = createVerifier({ url: deployment.origin, token: deployment.root, leaseMs: 0 })
    })
    after(async () => {
      for (const service of services) await service.close()
      await verifier.close()
      await deployment.close()
    })

    async function service(requirements: TokenRequirements = {}): Promise<Send> {
      const begun = await serve(verifier, requirements)
      services.push(begun)
      return begun.send
    }

    async function issue(body: object = {}): Promise<{ id: string; token: string }> {
      const account = await deployment.ask('createAccount', {
        as: deployment.root,
        body: { username: Math.random().toString(36) },
      })
      const made = await deployment.ask('createToken', {
        as: deployment.root,
        body: { account_id: account.body.id, ...body },
      })
      assert.equal(made.status, 201, made.detail)
      return { id: made.body.id, token: secretOf(made) }
    }

    async function refused(answer: Response): Promise<{ status: number; challenge: string | null; code: unknown }> {
      assert.equal(answer.headers.get('content-type')?.split(';', 1)[0], 'application/problem+json')
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      const { code } = (await answer.json()) as { code: unknown }
      return { status: answer.status, challenge: answer.headers.get('www-authenticate'), code }
    }

    test('a good token goes on and says which it is, in every scheme', async () => {
      const send = await service()
      const { id, token } = await issue()
      const presented: Record<string, string>[] = [
        { authorization: `Bearer ${token}` },
        { authorization: `token ${token}` },
        { token: `Token ${token}` },
        { authorization: `Key 7:${token}` },
        { authorization: `Basic ${btoa(`ada:${token}`)}` },
        { authorization: `Basic ${btoa(`${token}:`)}` },
        { 'x-api-key': token },
      ]
      for (const headers of presented) {
        const answer = await send(headers)
        assert.equal(answer.status, 200)
        assert.equal(await answer.text(), id)
      }
    })

    test('without a token the answer is 401 with a bare challenge', async () => {
      const answer = await refused(await (await service({ realm: 'a "b"' }))())
      assert.deepEqual(answer, {
        status: 401,
        challenge: String.raw`Bearer realm="a \"b\""`,
        code: 'credential-required',
      })
    })

    test('Basic is offered where it was asked for', async () => {
      const { challenge } = await refused(await (await service({ basic: true }))())
      assert.equal(challenge, 'Bearer realm="chatelaine", Basic realm="chatelaine", charset="UTF-8"')
    })

    test('a dead token is 401 invalid_token', async () => {
      const send = await service()
      const { id, token } = await issue()
      await deployment.ask('revokeToken', { as: deployment.root, params: { id } })
      for (const [presented, code] of [
        [token, 'revoked'],
        ['nonsense', 'malformed'],
      ]) {
        assert.deepEqual(await refused(await send({ authorization: `Bearer ${presented}` })), {
          status: 401,
          challenge: 'Bearer realm="chatelaine", error="invalid_token"',
          code,
        })
      }
    })

    test('a token that lacks a scope is 403, and told which scopes the route asks for', async () => {
      const send = await service({ scopes: ['data:read', 'data:write'] })
      const narrow = await issue({ scopes: ['data:read'] })
      assert.deepEqual(await refused(await send({ authorization: `Bearer ${narrow.token}` })), {
        status: 403,
        challenge: 'Bearer realm="chatelaine", error="insufficient_scope", scope="data:read data:write"',
        code: 'insufficient_scope',
      })
      const wide = await issue({ scopes: ['data:*'] })
      assert.equal((await send({ authorization: `Bearer ${wide.token}` })).status, 200)
    })

    test('the address of the client is what allow-lists are held against', async () => {
      const send = await service()
      const here = await issue({ allowed_ips: ['127.0.0.0/8'] })
      const elsewhere = await issue({ allowed_ips: ['192.0.2.0/24'] })
      assert.equal((await send({ authorization: `Bearer ${here.token}` })).status, 200)
      const answer = await refused(await send({ authorization: `Bearer ${elsewhere.token}` }))
      assert.deepEqual([answer.status, answer.code, answer.challenge], [403, 'ip_not_allowed', null])
    })

    test('a token that is used too often is 429, with when to come back', async () => {
      const send = await service()
      const { token } = await issue({ rate_limit: { limit: 1, window_seconds: 60 } })
      assert.equal((await send({ authorization: `Bearer ${token}` })).status, 200)
      const answer = await send({ authorization: `Bearer ${token}` })
      assert.equal(answer.status, 429)
      assert.match(answer.headers.get('retry-after') ?? '', /^[1-9][0-9]*$/)
    })

    test('a manager token is not welcome unless its kind is', async () => {
      const bearer = { authorization: `Bearer ${deployment.root}` }
      assert.equal((await refused(await (await service())(bearer))).status, 403)
      assert.equal((await (await service({ kinds: ['manager'] }))(bearer)).status, 200)
    })

    test('two tokens that differ are 400', async () => {
      const answer = await (await service())({ authorization: 'Bearer a', 'x-api-key': 'b' })
      assert.equal((await refused(answer)).status, 400)
    })

    test('while nobody can say whether a token is good the answer is 503 and no refusal', async () => {
      const gone = createVerifier({ url: 'http://127.0.0.1:1', token: 'x', leaseMs: 0 })
      const begun = await serve(gone, {})
      services.push(begun)
      const { token } = await issue()
      const answer = await begun.send({ authorization: `Bearer ${token}` })
      assert.equal(answer.headers.get('retry-after'), '1')
      assert.deepEqual(await refused(answer), { status: 503, challenge: null, code: 'unavailable' })
      await gone.close()
    })
  })
}

async function listening(server: Server): Promise<Service> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return {
    send: (headers = {}) => fetch(url, { headers }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
