import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { batchBodyBytesMax, bodyBytesMax, routes, type Route } from '@chatelaine/api'
import { Client } from './client.ts'
import { askable, holdingOf, holdingWithin } from './held-memory.ts'
import { exchange } from './raw-connection.ts'
import { Site, type RunningServer } from './running-server.ts'
import { Steward } from './steward.ts'

/** Over which the tests ask. */
const ownConnections = 8
const mebibyte = 1_024 * 1_024
const idleConnectionsCount = 2_000
const hangUpsCount = 300

describe('a connection', () => {
  const site = new Site({ after })
  let server: RunningServer
  let steward: Steward

  before(async () => {
    server = await site.start({ nodeOptions: askable })
    steward = new Steward(new Client(server.port, { connections: ownConnections }), server.managerToken)
  })
  after(() => steward.client.close())

  /** One request as it goes over the line. */
  function request(
    method: string,
    target: string,
    { body = '', headers = [], as = server.managerToken }: Sent = {},
  ): string {
    const lines = [
      `${method} ${target} HTTP/1.1`,
      'Host: tokens.example.com',
      ...(as === '' ? [] : [`Authorization: Bearer ${as}`]),
      ...(body === '' ? [] : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
      ...headers,
    ]
    return `${lines.join('\r\n')}\r\n\r\n${body}`
  }

  const closing = ['Connection: close']

  const bounded = {
    '/api/v1/tokens/verify': { bytesMax: bodyBytesMax, body: () => ({ token: server.managerToken }), granted: 200 },
    '/api/v1/tokens/verify-batch': {
      bytesMax: batchBodyBytesMax,
      body: () => ({ tokens: [{ token: server.managerToken }] }),
      granted: 200,
    },
    '/api/v1/accounts': { bytesMax: bodyBytesMax, body: (name: string) => ({ username: name }), granted: 201 },
  }

  for (const [path, { bytesMax, body, granted }] of Object.entries(bounded)) {
    test(`may carry ${bytesMax} bytes to ${path} and not one more, whether it says so before or not`, async () => {
      for (const [excess, status] of [
        [0, granted],
        [1, 413],
      ] as const) {
        const text = JSON.stringify(body(`${path} ${bytesMax + excess}`)).padEnd(bytesMax + excess)
        const told = await exchange(server.port, Buffer.from(request('POST', path, { body: text, headers: closing })))
        assert.deepEqual(told.statuses, [status])
        const other = JSON.stringify(body(`${path} ${bytesMax + excess} in chunks`)).padEnd(bytesMax + excess)
        const untold = await exchange(
          server.port,
          Buffer.from(inChunks(request('POST', path, { body: other, headers: closing }))),
        )
        assert.deepEqual(untold.statuses, [status])
      }
    })
  }

  test('goes on after every refusal, in order, also when nobody waited for the answers', async () => {
    const path = '/api/v1/tokens'
    const refused: [string, number][] = [
      [request('GET', path, { as: '' }), 401],
      [request('GET', path, { as: 'no token' }), 401],
      [request('GET', '/nowhere'), 404],
      [request('GET', `${path}/tok_0000000000000000`), 404],
      [request('PUT', path, { body: '{}' }), 405],
      [request('POST', path, { body: '{' }), 400],
      [request('POST', path, { body: '{"label":1}' }), 400],
      [request('POST', '/api/v1/tokens/verify', { body: '{"token":1}' }), 400],
      [request('POST', '/api/v1/tokens/verify', { body: '{}', as: '' }), 401],
      [request('POST', '/api/v1/session', { body: '{"username":"a","password":"b"}', as: '' }), 401],
      [request('GET', `${path}?limit=0`), 400],
    ]
    const last = request('GET', '/healthz', { headers: closing })
    const { statuses } = await exchange(server.port, Buffer.from([...refused.map(([text]) => text), last].join('')))
    assert.deepEqual(statuses, [...refused.map(([, status]) => status), 200])
  })

  // Forward authentication is asked with whatever method the proxy was, and answers each alike.
  const tabled = Object.entries<Route>(routes).filter(([name]) => name !== 'forwardAuth')
  const paths = Map.groupBy(
    tabled.map(([, route]) => route),
    ({ path }) => path,
  )
  for (const [path, onPath] of paths) {
    const methods = onPath.map(({ method }) => method)
    const target = path.replace('{id}', 'tok_0000000000000000')

    test(`is told by OPTIONS what ${path} answers to`, async () => {
      const answer = await steward.client.ask('OPTIONS', target)
      assert.equal(answer.status, 204)
      const allowed = new Set(answer.headers.allow?.split(', '))
      assert.deepEqual(allowed, new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS']))
    })

    if (methods.includes('GET')) {
      test(`is told by HEAD what it would be told by GET of ${path}, but for the body`, async () => {
        const get = await steward.client.ask('GET', target, { as: steward.token })
        const head = await steward.client.ask('HEAD', target, { as: steward.token })
        assert.equal(head.status, get.status)
        assert.equal(head.text, '')
        assert.equal(head.headers['content-type'], get.headers['content-type'])
        const next = request('GET', '/healthz', { headers: closing })
        const { text } = await exchange(server.port, Buffer.from(request('HEAD', target) + next))
        assert.match(text, new RegExp(`^HTTP/1.1 ${get.status} [^{]*\r\n\r\nHTTP/1.1 200 `), 'a body followed')
      })
    }
  }

  test(`is answered while ${idleConnectionsCount} others are idle, and what those held comes back`, async () => {
    const before = await holdingOf(server)
    const idle = await Promise.all(
      Array.from({ length: idleConnectionsCount }, () => openIdle(request('GET', '/healthz'))),
    )
    const meanwhile = await holdingOf(server)
    assert.ok(meanwhile.openSockets >= idleConnectionsCount)
    assert.ok(meanwhile.heapBytes - before.heapBytes < 64 * mebibyte, 'an idle connection holds more than 32 KiB')
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => steward.verify(steward.token, { kinds: ['manager'] })),
    )
    assert.ok(answers.every(({ valid }) => valid))
    await Promise.all(idle.map(hangUp))
    const afterwards = await holdingWithin(server, ownConnections)
    assert.ok(afterwards.heapBytes - before.heapBytes < 4 * mebibyte, 'connections that are gone still hold memory')
  })

  test('that ends before its answer harms nobody', async () => {
    const bodies = [
      request('POST', '/api/v1/tokens', {
        body: JSON.stringify({ kind: 'manager', scopes: ['chatelaine.tokens:verify'] }),
      }),
      request('POST', '/api/v1/tokens/verify', { body: JSON.stringify({ token: server.managerToken }) }),
      request('GET', '/api/v1/audit'),
    ]
    const hangUps = Array.from({ length: hangUpsCount }, (_, index) => sendAndHangUp(bodies[index % bodies.length]!))
    await Promise.all(hangUps)
    assert.equal((await steward.verify(steward.token, { kinds: ['manager'] })).code, 'valid')
    assert.doesNotMatch(server.log(), /"level":"(?:warn|error|fatal)"/)
  })

  /** Opens a connection, has one request answered, and leaves it at that. */
  function openIdle(text: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: server.port, host: '127.0.0.1' }, () => socket.write(text))
      socket.once('data', () => resolve(socket))
      socket.once('error', reject)
    })
  }

  function hangUp(socket: Socket): Promise<void> {
    return new Promise((resolve) => socket.once('close', () => resolve()).end())
  }

  function sendAndHangUp(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: server.port, host: '127.0.0.1' }, () =>
        socket.write(text, () => socket.resetAndDestroy()),
      )
      socket.once('close', () => resolve())
      socket.once('error', reject)
    })
  }
})

interface Sent {
  readonly body?: string
  readonly headers?: readonly string[]
  readonly as?: string
}

/** The same request with its body in two chunks and without its length. */
function inChunks(text: string): string {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  const half = body.length >> 1
  const chunks = [body.slice(0, half), body.slice(half)].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`)
  return `${head.replace(/Content-Length: \d+/, 'Transfer-Encoding: chunked')}\r\n\r\n${chunks.join('')}0\r\n\r\n`
}
