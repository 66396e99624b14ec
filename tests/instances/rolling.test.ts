import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Client } from '../faults/client.ts'
import type { RunningServer } from '../faults/running-server.ts'
import { Steward } from '../faults/steward.ts'
import { Fleet, withoutPostgres } from './fleet.ts'
import { letPass, memberAt, revoke, type Member } from './member.ts'

const loopsCount = 6
/** How often a proxy asks each server whether it is ready, and what a machine with much else to do may need besides. */
const checkEveryMs = 100
const slackMs = 1_000
const stopMsMax = 10_000 + slackMs

describe('one instance after the other', { skip: withoutPostgres }, () => {
  test('is replaced behind a proxy that looks who is ready, and no request fails', async (context) => {
    const fleet = new Fleet(context)
    const places = [fleet.place(), fleet.place()]
    const servers: RunningServer[] = []
    for (const place of places) servers.push(await fleet.start({}, place))
    const proxy = await startProxy(
      context,
      servers.map(({ port }) => port),
    )
    const client = new Client(proxy.port, { connections: 2 * loopsCount })
    context.after(() => client.close())
    const steward = new Steward(client, servers[0]!.managerToken)
    const { id } = await steward.account('owner')
    const { token } = await steward.issue({ account_id: id })
    const over = new AbortController()
    let answeredCount = 0
    const loops = Promise.all(
      Array.from({ length: loopsCount }, async (_, index) => {
        while (!over.signal.aborted) {
          if (index % 2 === 0) assert.equal((await steward.verify(token)).code, 'valid')
          else await steward.issue({ account_id: id })
          answeredCount += 1
        }
      }),
    )
    const replaced = async () => {
      for (const [index, place] of places.entries()) {
        const beganMs = performance.now()
        await servers[index]!.stop()
        const tookMs = performance.now() - beganMs
        assert.equal(servers[index]!.child.exitCode, 0)
        assert.ok(tookMs < stopMsMax, `it took ${tookMs} ms to stop`)
        servers[index] = await fleet.start({}, place)
        await proxy.sendTo(index, servers[index].port)
      }
    }
    await Promise.race([replaced(), loops]).finally(() => over.abort())
    await loops
    context.diagnostic(`${answeredCount} requests, none of which failed`)
  })

  test('gives up its lease when it is told to stop, so that nobody waits for it', async (context) => {
    const fleet = new Fleet(context)
    const [staying, leaving] = (await fleet.startMany(2)).map(memberAt) as [Member, Member]
    context.after(() => [staying, leaving].forEach(({ client }) => client.close()))
    await letPass(staying)
    const { id } = await staying.steward.account('owner')
    const tokens = await staying.steward.issueMany(20, { account_id: id })
    await Promise.all(tokens.map(({ token }) => leaving.steward.verify(token)))
    const stopped = leaving.server.stop()
    const tookMs: number[] = []
    for (const token of tokens) tookMs.push(await revoke(staying, token))
    await stopped
    context.diagnostic(`while another one stopped a revocation took ${Math.max(...tookMs).toFixed(1)} ms at most`)
    assert.ok(Math.max(...tookMs) < 2_000, `a revocation took ${Math.max(...tookMs)} ms, as if it had been waited for`)
  })
})

interface Proxy {
  readonly port: number
  /** Sends requests to this server too as soon as it is ready, and resolves then. */
  sendTo(index: number, port: number): Promise<void>
}

/** Sends each request to a server that was ready when it was last asked; to another one if it takes no connection. */
async function startProxy(context: TestContext, ports: number[]): Promise<Proxy> {
  const ready = new Set<number>()
  const over = new AbortController()
  let turn = 0

  async function check(port: number): Promise<void> {
    const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady && ports.includes(port)) ready.add(port)
    else ready.delete(port)
  }

  async function keepChecking(): Promise<void> {
    while (!over.signal.aborted) {
      await Promise.all(ports.map(check))
      await setTimeout(checkEveryMs, undefined, { signal: over.signal }).catch(() => undefined)
    }
  }

  function pass(
    incoming: IncomingMessage,
    body: Buffer,
    outgoing: ServerResponse,
    candidates: readonly number[],
  ): void {
    const [port, ...others] = candidates
    if (port === undefined) return void outgoing.writeHead(502).end()
    const { method, url: path, headers } = incoming
    // A connection for each request, as proxies make them unless they are told otherwise.
    const onward = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', (error: NodeJS.ErrnoException) => {
      // Nothing was sent where no connection was taken.
      if (error.code === 'ECONNREFUSED') pass(incoming, body, outgoing, others)
      else outgoing.destroy(error)
    })
    onward.end(body)
  }

  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const all = [...ready]
    turn += 1
    const candidates = all.map((_, index) => all[(turn + index) % all.length]!)
    pass(incoming, Buffer.concat(chunks), outgoing, candidates)
  }

  const server = createServer((incoming, outgoing) => void take(incoming, outgoing)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await Promise.all(ports.map(check))
  const checking = keepChecking()
  context.after(async () => {
    over.abort()
    server.closeAllConnections()
    server.close()
    await checking
  })
  return {
    port: (server.address() as AddressInfo).port,
    async sendTo(index, port) {
      ready.delete(ports[index]!)
      ports[index] = port
      while (!ready.has(port)) await check(port)
    },
  }
}
