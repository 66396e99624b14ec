import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { Client } from './client.ts'
import { Site, type RunningServer } from './running-server.ts'
import { Steward } from './steward.ts'

/** Between two bytes of whoever sends slowly, so that no pause is long enough to look idle. */
const dripMs = 200

/** How long it may take until the connection is cut: the bound, a second until that is looked at, and some leeway. */
const headerMs = { min: 4_900, max: 7_500 }
const requestMs = { min: 9_900, max: 12_500 }

// Side by side, so that all of them together take as long as the slowest.
describe('whoever sends slowly', { concurrency: true }, () => {
  const site = new Site({ after })
  let server: RunningServer
  before(async () => {
    server = await site.start()
  })

  const head = (target: string, ...lines: string[]) =>
    [
      `POST ${target} HTTP/1.1`,
      'Host: tokens.example.com',
      `Authorization: Bearer ${server.managerToken}`,
      'Content-Type: application/json',
      ...lines,
      '\r\n',
    ].join('\r\n')

  const slow = [
    { what: 'nothing at all', within: headerMs, at: () => ({ begin: '', drip: '' }) },
    { what: 'a request line', within: headerMs, at: () => ({ begin: 'GET /', drip: 'x' }) },
    { what: 'a header', within: headerMs, at: () => ({ begin: 'GET / HTTP/1.1\r\nX-Slow: ', drip: 'x' }) },
    { what: 'ever more headers', within: headerMs, at: () => ({ begin: 'GET / HTTP/1.1\r\n', drip: 'X: y\r\n' }) },
    {
      what: 'a body to verify',
      within: requestMs,
      at: () => ({ begin: head('/api/v1/tokens/verify', 'Content-Length: 1000'), drip: ' ' }),
    },
    {
      what: 'a body to create from',
      within: requestMs,
      at: () => ({ begin: head('/api/v1/tokens', 'Content-Length: 1000'), drip: ' ' }),
    },
    {
      what: 'a body in chunks',
      within: requestMs,
      at: () => ({ begin: head('/api/v1/tokens', 'Transfer-Encoding: chunked'), drip: '1\r\n \r\n' }),
    },
    {
      what: 'a body after nothing but its head',
      within: requestMs,
      at: () => ({ begin: head('/api/v1/tokens/verify', 'Content-Length: 1000'), drip: '' }),
    },
  ]

  for (const { what, within, at } of slow) {
    test(`is cut off within ${within.max / 1_000} s while sending ${what}`, async () => {
      const { text, tookMs } = await sendSlowly(server.port, at())
      assert.ok(tookMs >= within.min && tookMs <= within.max, `it took ${tookMs} ms`)
      assert.match(text, /^HTTP\/1\.1 408 /)
    })
  }

  test('does not keep others waiting', async () => {
    const connections = Array.from({ length: 50 }, () =>
      sendSlowly(server.port, { begin: 'GET / HTTP/1.1\r\n', drip: '' }),
    )
    const client = new Client(server.port)
    const steward = new Steward(client, server.managerToken)
    const { token } = await steward.issue({ kind: 'manager', scopes: ['chatelaine.tokens:verify'] })
    assert.equal((await steward.verify(token, { kinds: ['manager'] })).code, 'valid')
    client.close()
    assert.equal((await Promise.all(connections)).length, 50)
  })
})

/** Sends the beginning at once and the rest drop by drop, until the server closes the connection. */
function sendSlowly(
  port: number,
  { begin, drip }: { begin: string; drip: string },
): Promise<{ text: string; tookMs: number }> {
  return new Promise((resolve) => {
    const beganAtMs = performance.now()
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    socket.write(begin)
    const dripping = setInterval(() => socket.write(drip), dripMs)
    socket.on('data', (chunk) => (text += chunk.toString()))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(dripping)
      resolve({ text, tookMs: performance.now() - beganAtMs })
    })
  })
}
