import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'

const clientSecret = 'what the provider and we know'

/** What a provider knows of a person, by the name with which they sign in there, which is also their subject. */
export type People = Readonly<Record<string, object>>

/** A provider of single sign-on on this machine, in which everybody signs in with any password. */
export interface LocalProvider {
  readonly issuer: string
  /** The settings of a server that uses it. */
  environment(directory: string): Record<string, string>
  /** From now on it sends people back to this server. */
  admit(origin: string, people: People): void
  close(): Promise<void>
}

export async function openProvider(): Promise<LocalProvider> {
  let listener: RequestListener = (_request, response) => response.writeHead(503).end()
  const server = createServer((request, response) => listener(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    environment(directory) {
      const file = join(directory, 'client-secret')
      writeFileSync(file, `${clientSecret}\n`, { mode: 0o600 })
      return {
        CHATELAINE_OIDC_ISSUER: issuer,
        CHATELAINE_OIDC_CLIENT_ID: 'chatelaine',
        CHATELAINE_OIDC_CLIENT_SECRET_FILE: file,
      }
    },
    admit(origin, people) {
      listener = new Provider(issuer, configuration(origin, people)).callback()
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function configuration(origin: string, people: People): object {
  return {
    clients: [
      {
        client_id: 'chatelaine',
        client_secret: clientSecret,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [`${origin}/auth/oidc/callback`],
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: ['of this test alone'] },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    findAccount: (_context: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, ...people[sub] }) }),
  }
}

/**
 * Signs in at the provider as a browser does that has never been there.
 * @returns where the provider sends it back to.
 */
export async function signInThere(authorizationUrl: string, login: string): Promise<URL> {
  const cookies = new Map<string, string>()
  const { origin } = new URL(authorizationUrl)
  let url = authorizationUrl
  for (let step = 0; step < 12; step += 1) {
    const prompt = url.includes('/interaction/') ? await promptOf(url, cookies) : undefined
    const body = prompt === undefined ? undefined : new URLSearchParams({ prompt, login, password: 'any' })
    const response = await go(url, cookies, body)
    const location = response.headers.get('location')
    assert.ok(location !== null, `the provider stopped at ${url}: ${response.status} ${await response.text()}`)
    const next = new URL(location, url)
    if (next.origin !== origin) return next
    url = next.href
  }
  throw new Error('the provider went round in circles')
}

async function promptOf(url: string, cookies: Map<string, string>): Promise<string> {
  const page = await (await go(url, cookies)).text()
  return /name="prompt" value="(\w+)"/.exec(page)![1]!
}

async function go(url: string, cookies: Map<string, string>, body?: URLSearchParams): Promise<Response> {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const init = body === undefined ? {} : { method: 'POST', body }
  const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } })
  for (const set of response.headers.getSetCookie()) {
    const [name = '', value = ''] = set.split(';', 1)[0]!.split('=')
    if (value === '') cookies.delete(name)
    else cookies.set(name, value)
  }
  return response
}
