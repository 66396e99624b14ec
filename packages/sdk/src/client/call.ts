// One call of the API: the request, the deadline, the repetitions that are safe, and the problem when it fails.

import type { Secret } from '@chatelaine/token'
import { operations, type Operations } from '../contract.ts'
import { ChatelaineProblem } from '../problem.ts'
import { readTokenAgain, readTokenSource, type TokenSource } from '../token-source.ts'
import { problemOf, readText, textOf, unexpected } from './answer.ts'

/** How long a call may take, its repetitions included, unless said otherwise. */
const deadlineMsDefault = 10_000
/** The same for a call that waits for verifiers. */
const waitingDeadlineMsDefault = 15_000
/** How often a request is sent at most. */
export const attemptsMax = 4
/** After how long a request is repeated where the server does not say; it doubles each time. */
const retryDelayMs = 200

export interface ClientSettings {
  /**
   * Where the server is, such as `https://tokens.example.org`. The empty text is the site that a page itself comes from:
   * the browser then sends the session of whoever is signed in there.
   */
  readonly url: string
  readonly token?: TokenSource | undefined
  /** How long each call may take, unless it says otherwise; 10 000. */
  readonly deadlineMs?: number | undefined
  /** What the program calls itself. The server shows it beside the token that was used. */
  readonly userAgent?: string | undefined
  /** In place of the `fetch` of the runtime. */
  readonly fetch?: typeof fetch | undefined
}

export interface CallOptions {
  /** Ends the call, which then fails with the reason of the signal. */
  readonly signal?: AbortSignal | undefined
  /** How long the call may take, its repetitions included. */
  readonly deadlineMs?: number | undefined
  /**
   * Of what takes something away: answered only when every verifier that follows the log has heard of it, or can no
   * longer answer from memory. That may take the server ten seconds, and the call has five more unless it says otherwise.
   */
  readonly wait?: 'verifiers' | undefined
  /** Hears how that ended, before the call does. It must not throw. */
  readonly onWaited?: ((waited: WaitedForVerifiers) => void) | undefined
}

/** How the verifiers that follow the log stood when the server answered a call that had waited for them. */
export interface WaitedForVerifiers {
  /** So many have applied the change. */
  readonly acknowledged: number
  /** So many have not, and can no longer answer from memory, since their lease ran out. */
  readonly lapsed: number
  /** So many may still accept what was taken away, until their lease runs out; 0 unless the ten seconds were up. */
  readonly outstanding: number
  readonly waitedMs: number
}

type OperationName = keyof Operations

interface OperationRow {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** Whether `Idempotency-Key` is heeded. */
  readonly idempotent?: true
  /** JSON unless said otherwise. */
  readonly sends?: 'form'
  readonly answers?: 'text'
}

export interface Asked {
  /** What stands in the path in place of `{id}` and the like. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: object | undefined
  readonly body?: object | undefined
  /** Whether a request that may be repeated is; it is unless said otherwise. */
  readonly isRepeated?: boolean
}

export interface Answered<Body> {
  readonly body: Body
  /** The same request was carried out before; this is what it made, without a secret. */
  readonly isReplay: boolean
}

type BodyOf<O extends OperationName> = Operations[O]['answer']

/** Sends requests to one server, with one credential. */
export class Caller {
  readonly #settings: ClientSettings
  readonly #url: string

  constructor(settings: ClientSettings) {
    this.#settings = settings
    this.#url = checkedUrl(settings.url)
  }

  /** When a call that begins now has to be over, on the clock of `performance`. */
  deadlineAt({ deadlineMs, wait }: CallOptions = {}): number {
    const usualMs = wait === undefined ? (this.#settings.deadlineMs ?? deadlineMsDefault) : waitingDeadlineMsDefault
    return performance.now() + (deadlineMs ?? usualMs)
  }

  async call<O extends OperationName>(name: O, asked: Asked = {}, options: CallOptions = {}): Promise<BodyOf<O>> {
    return (await this.callOnce(name, asked, options, this.deadlineAt(options))).body
  }

  /** Like `call`, and says whether the server had carried the request out before. */
  async callOnce<O extends OperationName>(
    name: O,
    asked: Asked,
    { signal, wait, onWaited }: CallOptions,
    deadlineAt: number,
  ): Promise<Answered<BodyOf<O>>> {
    const whole = wait === undefined ? asked : { ...asked, query: { ...asked.query, wait } }
    return this.#repeating(name, whole, signal, deadlineAt, async (response) => {
      const text = await readText(response)
      const waited = waitedIn(response)
      if (waited !== undefined) onWaited?.(waited)
      const isReplay = response.headers.get('idempotency-replayed') === 'true'
      return { body: bodyOf(name, response, text) as BodyOf<O>, isReplay }
    })
  }

  /** The answer in pieces, as it comes in. The deadline is for its beginning; only the signal ends it then. */
  async *stream(name: OperationName, asked: Asked, options: CallOptions): AsyncGenerator<string> {
    const open = (response: Response) => Promise.resolve(textOf(response))
    yield* await this.#repeating(name, asked, options.signal, this.deadlineAt(options), open)
  }

  async #repeating<T>(
    name: OperationName,
    asked: Asked,
    signal: AbortSignal | undefined,
    deadlineAt: number,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const operation: OperationRow = operations[name]
    const key = operation.idempotent === true ? crypto.randomUUID() : undefined
    const isSafe = (operation.method === 'GET' || key !== undefined) && asked.isRepeated !== false
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(name, asked, key, signal, deadlineAt, read)
      } catch (error) {
        const delayMs = isSafe && attempt < attemptsMax ? delayBefore(error, attempt) : undefined
        if (delayMs === undefined || performance.now() + delayMs >= deadlineAt) throw error
        await pause(delayMs, signal)
      }
    }
  }

  async #send<T>(
    name: OperationName,
    asked: Asked,
    idempotencyKey: string | undefined,
    signal: AbortSignal | undefined,
    deadlineAt: number,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), Math.max(0, deadlineAt - performance.now()))
    try {
      signal?.throwIfAborted()
      const { token } = this.#settings
      const credential = token === undefined ? undefined : await readTokenSource(token)
      const ending = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
      const sendWith = (secret: Secret | undefined) => {
        const request = this.#requestOf(name, asked, secret, idempotencyKey)
        return (this.#settings.fetch ?? fetch)(request.url, { ...request.init, signal: ending })
      }
      let response = await sendWith(credential)
      if (response.status === 401 && credential !== undefined) {
        // A dead credential has carried nothing out, so any request may be sent again with another one.
        const other = await readTokenAgain(token, credential)
        if (other !== undefined) response = await sendWith(other)
      }
      if (!response.ok) throw problemOf(response, await readText(response))
      return await read(response)
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof ChatelaineProblem) throw error
      if (late.signal.aborted) throw new ChatelaineProblem('unavailable', 'The server did not answer in time.')
      if (!(error instanceof TypeError)) throw error
      // `fetch` rejects with a TypeError when the network fails (Fetch §5.6).
      throw new ChatelaineProblem('unavailable', 'The server cannot be reached.', { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #requestOf(name: OperationName, asked: Asked, credential: Secret | undefined, idempotencyKey: string | undefined) {
    const operation: OperationRow = operations[name]
    const { userAgent } = this.#settings
    const isForm = operation.sends === 'form'
    const init = {
      method: operation.method,
      headers: {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential.reveal()}` }),
        ...(asked.body === undefined
          ? {}
          : { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        ...(userAgent === undefined ? {} : { 'user-agent': userAgent }),
      },
      ...(asked.body === undefined
        ? {}
        : { body: isForm ? parametersOf(asked.body).toString() : JSON.stringify(asked.body) }),
      // A cookie that happens to be there must not speak where a token does.
      credentials: this.#url === '' ? 'same-origin' : 'omit',
      // Whoever could redirect the request would be sent the token.
      redirect: 'manual',
      cache: 'no-store',
    } as const satisfies RequestInit
    const query = parametersOf(asked.query ?? {}).toString()
    const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, param: string) => checkedId(asked.params?.[param]))
    return { url: `${this.#url}${path}${query === '' ? '' : `?${query}`}`, init }
  }
}

function waitedIn({ headers }: Response): WaitedForVerifiers | undefined {
  const figure = (name: string) => Number(headers.get(`x-chatelaine-verifiers-${name}`) ?? Number.NaN)
  const waited = {
    acknowledged: figure('acknowledged'),
    lapsed: figure('lapsed'),
    outstanding: figure('outstanding'),
    waitedMs: figure('waited-ms'),
  }
  // Only an answer that has waited says so.
  return Object.values(waited).some(Number.isNaN) ? undefined : waited
}

/** What passes by itself is asked again; everything else is an answer. */
function delayBefore(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof ChatelaineProblem)) return undefined
  const { key, retryAfterSeconds } = error
  if (retryAfterSeconds !== undefined) return passing.has(key) ? retryAfterSeconds * 1_000 : undefined
  // Scattered, so that those who were refused together do not come back together.
  return key === 'unavailable' ? retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2) : undefined
}

const passing: ReadonlySet<string> = new Set(['unavailable', 'too-many-attempts', 'idempotency-running'])

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', over)
      resolve()
    }, ms)
    signal?.addEventListener('abort', over, { once: true })
  })
}

function bodyOf(name: OperationName, response: Response, text: string): unknown {
  if (text === '') return undefined
  const { answers }: OperationRow = operations[name]
  if (answers === 'text') return text
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unexpected(response, error)
  }
}

function parametersOf(fields: object): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one))
  }
  return parameters
}

function checkedUrl(url: string): string {
  if (url === '') return url
  const { protocol, username, password, search, hash, href } = new URL(url)
  const isPlain = username === '' && password === '' && search === '' && hash === ''
  if (!/^https?:$/.test(protocol) || !isPlain) {
    throw new TypeError('url must be http or https, and have no user name, query or fragment.')
  }
  return href.replace(/\/+$/, '')
}

/** Anything else could name another path, or be a token, which a URL must not hold. */
function checkedId(id: string | undefined): string {
  if (id === undefined || !/^(?:tok|acc|prj)_[0-9A-Za-z]{16}$/.test(id)) {
    throw new RangeError('An id is tok_, acc_ or prj_, and 16 letters or digits.')
  }
  return id
}
