import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  oauthErrors,
  oauthErrorsOf,
  problems,
  problemsOf,
  problemType,
  read,
  routes,
  schemas,
  type AnswerOf,
  type OAuthErrorCode,
  type ProblemKey,
  type Route,
  type RouteName,
} from '@chatelaine/api'
import { issueBootstrapToken, type Clock } from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { assemble } from '../../packages/server/src/assemble.ts'
import { readSettings } from '../../packages/server/src/config.ts'
import { createApp } from '../../packages/server/src/http/app.ts'
import { createListener } from '../../packages/server/src/http/listener.ts'
import { createLog } from '../../packages/server/src/log.ts'
import type { Service } from '../../packages/server/src/service.ts'

/** The machine's time, and as much later as the test says. */
export class TestClock implements Clock {
  #aheadMs = 0

  now(): number {
    return Date.now() + this.#aheadMs
  }

  monotonicMs(): number {
    return performance.now() + this.#aheadMs
  }

  advance(ms: number): void {
    this.#aheadMs += ms
  }
}

/** What a request says besides where it goes. */
export interface Said {
  /** The token that asks. */
  readonly as?: string
  /** The session that asks, from one of our own pages. */
  readonly cookie?: string
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** The body as a form, instead of `body`. */
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Heard<Body> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
  /** Which problem the answer is, if it is one. */
  readonly problem: ProblemKey | undefined
  /** Which error of OAuth the answer is, if it is one. */
  readonly oauthError: OAuthErrorCode | undefined
  /** What the problem says of this request. */
  readonly detail: string
  /** The fields that the problem names. */
  readonly pointers: readonly string[]
}

/** Any body, since a test looks only into those that it expects. */
type Loose<T> = T extends null ? never : T

/** One server on a free port with a database of its own. */
export interface Deployment {
  readonly origin: string
  readonly service: Service
  readonly clock: TestClock
  /** A permanent manager token with every management scope. */
  readonly root: string
  /** Everything that was logged, at the most talkative level. */
  readonly logged: string[]
  readonly directory: string
  /** Sends a request and holds the answer to what the route's table row promises. */
  ask<R extends RouteName>(this: void, route: R, said?: Said): Promise<Heard<Loose<AnswerOf<R>>>>
  /** Sends any request, and holds problems to their shape. */
  send(this: void, method: string, target: string, said?: Omit<Said, 'params' | 'query'>): Promise<Heard<unknown>>
  /** A new account, and a token of it that may do what the body says. */
  member(username: string, token?: object): Promise<Member>
  /** The bearer of a portal session for an account, opened by `root`. */
  openPortal(accountId: string): Promise<string>
  /** The session cookie of an account with this password. */
  signIn(username: string, password: string): Promise<string>
  /** From now on the server says that it is not ready. */
  turnAway(reason: string): void
  /** How many changes there have been: equal before and after, nothing was changed. */
  changeCount(): number
  close(): Promise<void>
}

export interface Member {
  readonly id: string
  readonly token: string
  readonly tokenId: string
}

export const goodPassword = 'an unusually long password'

export async function openDeployment(environment: Readonly<Record<string, string>> = {}): Promise<Deployment> {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-http-'))
  const settings = readSettings({ CHATELAINE_DATA: directory, ...environment })
  const clock = new TestClock()
  const logged: string[] = []
  const log = createLog('trace', { write: (line) => void logged.push(line) })
  const random = (count: number) => randomBytes(count)
  const assembled = await assemble(settings, KeyRing.generate(random), { log, clock, random })
  const { service } = assembled
  const root = await issueBootstrapToken(service.ports).then(
    (token) => token!.reveal(),
    async (error: unknown) => {
      // What stays open would keep the process of the tests from ending, and so from telling why.
      await assembled.close()
      throw error
    },
  )
  const server = createListener(service, createApp(service).handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function send(method: string, target: string, said: Said = {}): Promise<Heard<unknown>> {
    const { as, cookie, form, headers = {} } = said
    const body = form === undefined ? said.body : new URLSearchParams(form).toString()
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded'
    const response = await fetch(`${origin}${target}`, {
      method,
      redirect: 'error',
      headers: {
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(cookie === undefined ? {} : { cookie, 'sec-fetch-site': 'same-origin' }),
        ...(body === undefined ? {} : { 'content-type': type }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: bytesOf(body) }),
    })
    return heard(response)
  }

  async function ask<R extends RouteName>(name: R, said: Said = {}): Promise<Heard<Loose<AnswerOf<R>>>> {
    const route: Route = routes[name]
    const path = route.path.replaceAll(/\{(\w+)\}/g, (_, param: string) =>
      encodeURIComponent(said.params?.[param] ?? ''),
    )
    const query = new URLSearchParams(said.query).toString()
    const answer = await send(route.method, query === '' ? path : `${path}?${query}`, said)
    assert.notEqual(answer.status, 500, `${name} failed: ${logged.findLast((line) => line.includes('request failed'))}`)
    requirePromised(name, route, answer)
    return answer as Heard<Loose<AnswerOf<R>>>
  }

  return {
    origin,
    service,
    clock,
    root,
    logged,
    directory,
    ask,
    send,
    async member(username, token = { permanent: true }) {
      const account = await ask('createAccount', { as: root, body: { username } })
      assert.equal(account.status, 201)
      const made = await ask('createToken', { as: root, body: { account_id: account.body.id, ...token } })
      assert.equal(made.status, 201, made.detail)
      return { id: account.body.id, token: secretOf(made), tokenId: made.body.id }
    },
    async openPortal(accountId) {
      return bearerOf(await ask('createPortalSession', { as: root, body: { account_id: accountId } }))
    },
    async signIn(username, password) {
      const answer = await ask('signIn', { body: { username, password } })
      assert.equal(answer.status, 201, answer.detail)
      return cookieOf(answer)
    },
    turnAway: (reason) => assembled.turnAway(reason),
    changeCount: () => service.ports.freshness.position.seq,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await assembled.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** The secret in the one answer that has it. */
export function secretOf({ body }: Heard<object>): string {
  assert.ok('token' in body && typeof body.token === 'string', 'the answer holds no secret')
  return body.token
}

/** The bearer of a portal session in the one answer that has it. */
export function bearerOf({ body, detail }: Heard<object>): string {
  assert.ok('session' in body && typeof body.session === 'string', `the answer holds no bearer: ${detail}`)
  return body.session
}

/** What a browser would send back after this answer. */
export function cookieOf({ headers }: Heard<unknown>): string {
  return headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}

function bytesOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array
    ? (body as string | Uint8Array<ArrayBuffer>)
    : JSON.stringify(body)
}

async function heard(response: Response): Promise<Heard<unknown>> {
  const text = await response.text()
  const { status, headers } = response
  const isJson = /^application\/(?:problem\+)?json$/.test(headers.get('content-type') ?? '')
  const body: unknown = isJson && text !== '' ? JSON.parse(text) : text
  const heardSoFar = { status, headers, body, problem: undefined, oauthError: undefined, detail: '', pointers: [] }
  if (status < 400 || text === '') return heardSoFar
  assert.equal(headers.get('cache-control'), 'no-store')
  if (headers.get('content-type') === 'application/json') {
    const error = read(schemas.OAuthError, body)
    assert.ok(error.ok, `the error has another shape: ${text}`)
    assert.equal(status, oauthErrors[error.value.error].status)
    assert.equal(status === 401, headers.has('www-authenticate'))
    return { ...heardSoFar, oauthError: error.value.error, detail: error.value.error_description }
  }
  assert.equal(headers.get('content-type'), 'application/problem+json')
  const reading = read(schemas.Problem, body)
  assert.ok(reading.ok, `the problem has another shape: ${text}`)
  const key = (Object.keys(problems) as ProblemKey[]).find((one) => problemType(one) === reading.value.type)
  assert.ok(key !== undefined, `unknown problem ${reading.value.type}`)
  assert.equal(status, problems[key].status)
  assert.equal(reading.value.status, status)
  assert.equal(status === 401, headers.has('www-authenticate') && status !== 403 && status !== 400)
  const pointers = (reading.value.errors ?? []).map(({ pointer }) => pointer)
  return { ...heardSoFar, problem: key, detail: reading.value.detail, pointers }
}

function requirePromised(name: RouteName, route: Route, answer: Heard<unknown>): void {
  const { status, body, problem, oauthError, detail } = answer
  if (oauthError !== undefined) {
    assert.ok(oauthErrorsOf(route).includes(oauthError), `${name} does not promise the error ${oauthError}: ${detail}`)
    return
  }
  if (problem !== undefined) {
    assert.ok(problemsOf(route).includes(problem), `${name} does not promise the problem ${problem}: ${detail}`)
    return
  }
  const promised = route.responses[status]
  assert.ok(promised !== undefined, `${name} does not promise the status ${status}`)
  if (promised.schema === null) return assert.equal(body, '', `${name} promises no body`)
  const reading = read(promised.schema, body)
  assert.ok(reading.ok, `${name} answers another shape: ${JSON.stringify(reading.ok ? '' : reading.faults)}`)
}
