import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createApp } from '../../packages/server/src/http/app.ts'
import { slowRequestMs } from '../../packages/server/src/http/answered.ts'
import { openDeployment, type Deployment } from './deployment.ts'

interface Line {
  readonly level: string
  readonly msg: string
  readonly requestId?: string
  readonly method?: string
  readonly route?: string
  readonly status?: number
  readonly tookMs?: number
}

describe('the log has of each request', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  /** What was logged with the id that the answer names. */
  function linesOf({ headers }: { headers: Headers }): Line[] {
    const lines = deployment.logged.map((line) => JSON.parse(line) as Line)
    return lines.filter(({ requestId }) => requestId === headers.get('x-request-id'))
  }

  test('one line with its id, method, route, status and time, and not the path or the query', async () => {
    const { tokenId } = await deployment.member('ada')
    const answer = await deployment.send('GET', `/api/v1/tokens/${tokenId}/usage?by=day`, { as: deployment.root })
    const [line, ...more] = linesOf(answer)
    assert.deepEqual(more, [])
    assert.equal(line?.msg, 'request answered')
    assert.deepEqual([line.method, line.route, line.status], ['GET', '/api/v1/tokens/{id}/usage', 200])
    assert.equal(typeof line.tookMs, 'number')
    assert.doesNotMatch(JSON.stringify(line), /by=day|tok_/)
  })

  test('a line of level info where something was carried out, and debug where it was only asked or refused', async () => {
    const levelOf = async (method: string, target: string, said: object) =>
      linesOf(await deployment.send(method, target, said)).map(({ level }) => level)
    const as = deployment.root
    assert.deepEqual(await levelOf('POST', '/api/v1/accounts', { as, body: { username: 'bob' } }), ['info'])
    assert.deepEqual(await levelOf('POST', '/api/v1/accounts', { as, body: { username: 'bob' } }), ['debug'])
    assert.deepEqual(await levelOf('GET', '/api/v1/accounts', { as }), ['debug'])
    const tokens = [{ token: 'none' }]
    assert.deepEqual(await levelOf('POST', '/api/v1/tokens/verify-batch', { as, body: { tokens } }), ['debug'])
  })

  test('the route none where there is none, whatever was asked for', async () => {
    const [line] = linesOf(await deployment.send('GET', '/wp-login.php'))
    assert.deepEqual([line?.route, line?.status], ['none', 404])
  })

  test('a line for a verification that was refused with a problem, and none for one that was answered', async () => {
    const refused = await deployment.send('POST', '/api/v1/tokens/verify', { body: { token: 'none' } })
    const [line, ...more] = linesOf(refused)
    assert.deepEqual([line?.route, line?.status, more.length], ['/api/v1/tokens/verify', 401, 0])
    const count = deployment.logged.length
    await deployment.ask('verifyToken', { as: deployment.root, body: { token: 'none' } })
    const written = deployment.logged.slice(count).filter((text) => text.includes('request'))
    assert.deepEqual(written, [])
  })

  test('a warning when it was slow', async () => {
    const body = new ReadableStream(
      {
        pull(controller) {
          deployment.clock.advance(slowRequestMs)
          controller.enqueue(new TextEncoder().encode('{"username":"slow"}'))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { authorization: `Bearer ${deployment.root}`, 'content-type': 'application/json' }
    const request = new Request(`${deployment.origin}/api/v1/accounts`, {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    })
    const answer = await createApp(deployment.service).fetch(request)
    assert.equal(answer.status, 201)
    const [line] = linesOf(answer)
    assert.deepEqual([line?.level, line?.msg], ['warn', 'request answered slowly'])
    assert.ok(line?.tookMs !== undefined && line.tookMs >= slowRequestMs)
  })
})
