import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { routes, type Route, type RouteName } from '@chatelaine/api'
import { goodPassword, openDeployment, secretOf, type Deployment } from './deployment.ts'

/** Every route that asks for a credential and reads a body, which its sender may take seconds for. */
const names = (Object.keys(routes) as RouteName[]).filter((name) => {
  const { credential, body }: Route = routes[name]
  return credential === 'required' && body !== undefined
})

/** A credential as a request carries it, and what ends it. */
interface Ending {
  readonly headers: readonly string[]
  readonly end: () => Promise<unknown>
}

describe('whoever sends a body slowly', () => {
  let deployment: Deployment
  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  const endings: Record<string, (username: string) => Promise<Ending>> = {
    async 'a token that is revoked'() {
      const { ask, root } = deployment
      const made = await ask('createToken', { as: root, body: { kind: 'manager', scopes: ['chatelaine.tokens:read'] } })
      return {
        headers: [`Authorization: Bearer ${secretOf(made)}`],
        end: () => ask('revokeToken', { as: root, params: { id: made.body.id } }),
      }
    },
    async 'a token whose account is disabled'(username) {
      const { ask, root } = deployment
      const { id, token } = await deployment.member(username)
      return {
        headers: [`Authorization: Bearer ${token}`],
        end: () => ask('disableAccount', { as: root, params: { id } }),
      }
    },
    async 'a portal session whose account is disabled'(username) {
      const { ask, root } = deployment
      const { id } = await deployment.member(username)
      return {
        headers: [`Authorization: Bearer ${await deployment.openPortal(id)}`],
        end: () => ask('disableAccount', { as: root, params: { id } }),
      }
    },
    async 'a session that is signed out'(username) {
      const { ask, root, origin, service } = deployment
      // Each name has an address's worth of attempts behind it.
      service.ports.attempts.byAddress.forgive('127.0.0.1')
      await ask('createAccount', { as: root, body: { username, password: goodPassword } })
      const cookie = await deployment.signIn(username, goodPassword)
      return { headers: [`Cookie: ${cookie}`, `Origin: ${origin}`], end: () => ask('signOut', { cookie }) }
    },
  }

  for (const [index, name] of names.entries()) {
    for (const [what, make] of Object.entries(endings)) {
      test(`gets nothing of ${name} by ${what} meanwhile`, async () => {
        const { headers, end } = await make(`person${index}-${what.replaceAll(' ', '-')}`)
        const slow = await sendSlowly(deployment.origin, name, headers)
        await end()
        const changes = deployment.changeCount()
        assert.match(await slow.finish(), /^HTTP\/1\.1 401 /)
        assert.equal(deployment.changeCount(), changes)
      })
    }
  }
})

/** Sends all but the last byte of a request, and resolves once the server waits for that one. */
async function sendSlowly(
  origin: string,
  name: RouteName,
  credential: readonly string[],
): Promise<{ finish: () => Promise<string> }> {
  const { method, path, shape }: Route = routes[name]
  const { hostname, port, host } = new URL(origin)
  const [body, type] = shape === 'oauth' ? ['t=', 'application/x-www-form-urlencoded'] : ['{}', 'application/json']
  const socket = connect(Number(port), hostname)
  const ended = new Promise<void>((resolve, reject) => socket.on('end', resolve).on('error', reject))
  let text = ''
  // That it goes on tells that it has read the head, and with it the credential.
  const waits = new Promise<void>((resolve) =>
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      resolve()
    }),
  )
  const head = [
    `${method} ${path.replaceAll(/\{\w+\}/g, 'any')} HTTP/1.1`,
    `Host: ${host}`,
    ...credential,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
    'Connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, -1)}`)
  await waits
  return {
    async finish() {
      socket.write(body.slice(-1))
      await ended
      return text.replace('HTTP/1.1 100 Continue\r\n\r\n', '')
    },
  }
}
