import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { makeDirectory, runServer } from './processes.ts'

/** A connection on which a request was begun and not ended, as the server knows. */
async function begin(origin: string, head: string): Promise<Socket> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(head)
  return socket
}

async function answer(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

async function isRefused(origin: string): Promise<boolean> {
  try {
    await fetch(`${origin}/healthz`)
    return false
  } catch {
    return true
  }
}

test('told to stop, it is not ready, takes no new connections, answers what it holds, and ends in order', async (context) => {
  const server = runServer(makeDirectory(context))
  const origin = await server.ready()
  const held = await begin(origin, 'GET /readyz HTTP/1.1\r\nHost: a.example\r\n')
  // Whatever was sent before this was answered has been read, since both arrive at one thread.
  assert.equal((await fetch(`${origin}/readyz`)).status, 200)
  server.signal('SIGTERM')
  await server.says(/"msg":"stopping"/)
  assert.equal(await isRefused(origin), true)
  held.write('Connection: close\r\n\r\n')
  assert.match(await answer(held), /^HTTP\/1\.1 503 [^]*The server is stopping/)
  const { code, out } = await server.ended
  assert.equal(code, 0)
  assert.match(out, /"msg":"stopped"/)
})

test('idle connections do not hold the stop up', async (context) => {
  const server = runServer(makeDirectory(context))
  const origin = await server.ready()
  const idle = await begin(origin, 'GET /healthz HTTP/1.1\r\nHost: a.example\r\n\r\n')
  await once(idle, 'data')
  server.signal('SIGINT')
  const told = performance.now()
  assert.equal((await server.ended).code, 0)
  assert.ok(performance.now() - told < 5_000)
})

test('told a second time, it ends at once', async (context) => {
  const server = runServer(makeDirectory(context))
  const origin = await server.ready()
  const held = await begin(
    origin,
    'POST /api/v1/tokens/verify HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9\r\n\r\n',
  )
  held.on('error', () => {})
  assert.equal((await fetch(`${origin}/readyz`)).status, 200)
  // Signals that follow closely are one press of Ctrl-C that arrived twice, so it is told until it has ended.
  const telling = setInterval(() => server.signal('SIGTERM'), 100)
  const { code, out } = await server.ended.finally(() => clearInterval(telling))
  assert.equal(code, 1)
  assert.match(out, /"msg":"stopped at once"/)
})
