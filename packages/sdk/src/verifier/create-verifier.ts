import { FeedReader, formatPosition, parsePosition, type Position } from '@chatelaine/core/freshness'
import { isWellFormed, tokenIdOf, tokenLengthMax } from '@chatelaine/token'
import { Caller, type ClientSettings } from '../client/call.ts'
import type { VerifyAnswer } from '../contract.ts'
import { ChatelaineProblem } from '../problem.ts'
import { processFingerprint } from './fingerprint.ts'
import { follow } from './follow.ts'
import { decide, rememberedOf, subjectIdsOf, type Remembered } from './remembered.ts'
import type { Question, Refused, Unanswered, Verification, Verifier } from './verification.ts'

/** For how long a verifier answers from memory without hearing of the log, unless said otherwise. */
const leaseMsDefault = 5_000
/** The longest lease that the server grants. */
const leaseMsMax = 60_000
const rememberedMaxDefault = 100_000
const deadlineMsDefault = 2_000
/** How many questions are on their way at once; beyond that the answer is `unavailable`. */
const askingMax = 1_000
/** How often a question is put again because what it is about changed while the answer was on its way. */
const askingAgainMax = 5
const retryAfterSeconds = 1
/** The server reads no longer address; the longest there is has 45 characters. */
const addressLengthMax = 64

export interface VerifierSettings extends ClientSettings {
  /** The token of the service itself: a manager token that carries `chatelaine.tokens:verify`. */
  readonly token: NonNullable<ClientSettings['token']>
  /**
   * For how long at most a revoked token may still be accepted while the server cannot be reached: 0 to 60 000; 5 000.
   * With 0 nothing is remembered and the server is asked each time.
   */
  readonly leaseMs?: number | undefined
  /** How many tokens are remembered, some 1.7 kB each; of more, the one remembered longest ago gives way. 100 000. */
  readonly rememberedMax?: number | undefined
  /** How long a question may take; 2 000. */
  readonly deadlineMs?: number | undefined
  /** Hears what the verifier does, for metrics and logs. It must not throw. */
  readonly observer?: VerifierObserver | undefined
}

export interface VerifierObserver {
  /** A verification was answered: from memory, by its checksum alone, by the server, or by nobody. */
  answered?(code: Verification['code'], from: 'memory' | 'checksum' | 'server' | 'nobody'): void
  /** The server was asked about a token, and that took so long. */
  asked?(tookMs: number): void
  /** The change log was heard: so many changes, 0 when nothing has changed. */
  followed?(changeCount: number): void
  /** The server could not be asked or followed. While that lasts, verifications end as `unavailable`. */
  failed?(problem: ChatelaineProblem): void
}

/** What a verifier is doing right now. */
export interface VerifierState {
  readonly remembered: number
  readonly asking: number
  /** Whether it may answer from memory: it has heard of the change log within its lease. */
  readonly isFollowing: boolean
}

/** Verifies in this process. Close it when the process is to end, since it holds a connection. */
export interface LocalVerifier extends Verifier {
  state(): VerifierState
  /** From now on nobody can say. Done when the server has been told, so that no revocation waits for this verifier. */
  close(): Promise<void>
}

/**
 * A verifier in this process. The first sight of a token asks the server; from then on it is answered from memory, in
 * about a microsecond, as long as the change log is heard of. What is revoked is refused within milliseconds of its
 * revocation, and never later than the lease; when the server cannot be reached for that long the answer is `unavailable`.
 *
 * Tokens whose uses are counted or whose rate is limited are asked about each time, and so are those that were refused,
 * unless they are revoked, which is final. What is no token is refused by its checksum. Verifications that are answered from memory are not in the usage counts of the server.
 *
 * @throws RangeError for a lease that the server would not grant.
 *
 * @example
 * const verifier = createVerifier({ url: 'https://tokens.example.org', token: await loadToken() })
 * const verification = await verifier.verify(presented, { scopes: ['data:read'], client_ip: '192.0.2.7' })
 * if (verification.valid) console.log(verification.account_id)
 * else if (verification.code === 'unavailable') console.log('ask again later')
 */
export function createVerifier(settings: VerifierSettings): LocalVerifier {
  const { leaseMs = leaseMsDefault } = settings
  if (!Number.isInteger(leaseMs) || leaseMs < 0 || leaseMs > leaseMsMax) {
    throw new RangeError(`leaseMs is a whole number from 0 to ${leaseMsMax}.`)
  }
  return new FollowingVerifier(settings, leaseMs)
}

class FollowingVerifier implements LocalVerifier {
  readonly #caller: Caller
  readonly #reader: FeedReader<Remembered>
  readonly #observer: VerifierObserver
  readonly #fingerprint = processFingerprint()
  /** Whoever asks about a token that is being asked about waits for it to be remembered. */
  readonly #flights = new Map<string, Promise<Verification>>()
  readonly #closing = new AbortController()
  readonly #leaseMs: number
  #following: Promise<void> | undefined
  #askingCount = 0

  constructor(settings: VerifierSettings, leaseMs: number) {
    const { deadlineMs = deadlineMsDefault, rememberedMax = rememberedMaxDefault, observer = {} } = settings
    this.#caller = new Caller({ ...settings, deadlineMs })
    this.#observer = observer
    this.#leaseMs = leaseMs
    const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
    this.#reader = new FeedReader({ clock, leaseMs, rememberedMax, subjectIdsOf })
  }

  verify(token: string, asked: Question = {}): Verification | Promise<Verification> {
    const question = askable(asked)
    if (token.length > tokenLengthMax) return this.#answer(malformed, 'checksum')
    if (this.#leaseMs === 0) {
      return isWellFormed(token) ? this.#ask(undefined, token, question) : this.#answer(malformed, 'checksum')
    }
    this.#follow()
    const { project_id: projectId = '-' } = question
    const name = this.#fingerprint(`${projectId} ${token}`)
    if (typeof name === 'string') return this.#verifyNamed(name, token, question)
    return name.then((name) => this.#verifyNamed(name, token, question))
  }

  state(): VerifierState {
    return { remembered: this.#reader.size, asking: this.#askingCount, isFollowing: this.#reader.isLeased }
  }

  async close(): Promise<void> {
    this.#reader.close()
    this.#closing.abort()
    await this.#following
  }

  /** From the first verification on. */
  #follow(): void {
    if (this.#following !== undefined || this.#closing.signal.aborted) return
    this.#following = follow(this.#caller, this.#reader, {
      leaseMs: this.#leaseMs,
      signal: this.#closing.signal,
      heard: (changeCount) => this.#observer.followed?.(changeCount),
      failed: (error) => this.#failed(error),
    })
  }

  /** The lease, the memory and the decision are looked at in one step, so that nothing can come between them. */
  #verifyNamed(name: string, token: string, question: Question): Verification | Promise<Verification> {
    const fromMemory = this.#decideNamed(name, question)
    if (fromMemory !== undefined) return this.#answer(fromMemory, 'memory')
    if (!isWellFormed(token)) return this.#answer(malformed, 'checksum')
    return this.#askTogether(name, token, question)
  }

  #decideNamed(name: string, question: Question): Verification | undefined {
    const known = this.#reader.recall(name)
    const now = this.#reader.now()
    return known === undefined || now === undefined ? undefined : decide(known, question, now)
  }

  /**
   * One question for all who want to know of a token at once. Its answer is theirs only where it is about the token and
   * not about the question; otherwise they look whether it is remembered now, or ask for themselves.
   */
  async #askTogether(name: string, token: string, question: Question): Promise<Verification> {
    const flight = this.#flights.get(name)
    if (flight === undefined) {
      const asked = this.#ask(name, token, question).finally(() => this.#flights.delete(name))
      this.#flights.set(name, asked)
      return asked
    }
    const other = await flight
    if (aboutTheToken.has(other.code)) return this.#answer(other, 'server')
    const fromMemory = this.#decideNamed(name, question)
    return fromMemory === undefined ? this.#ask(name, token, question) : this.#answer(fromMemory, 'memory')
  }

  async #ask(name: string | undefined, token: string, question: Question): Promise<Verification> {
    if (this.#askingCount >= askingMax) return this.#answer(unanswered, 'nobody')
    this.#askingCount += 1
    const began = performance.now()
    try {
      for (let attempt = 0; attempt <= askingAgainMax; attempt++) {
        const answer = await this.#askOnce(name, token, question)
        if (answer !== undefined) return this.#answer(answer, 'server')
      }
      return this.#answer(unanswered, 'nobody')
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#failed(error)
      return this.#answer(unanswered, 'nobody')
    } finally {
      this.#askingCount -= 1
      this.#observer.asked?.(performance.now() - began)
    }
  }

  /** `undefined` when what it is about has changed meanwhile, so that it has to be asked again. */
  async #askOnce(name: string | undefined, token: string, question: Question): Promise<VerifyAnswer | undefined> {
    const asking = this.#reader.beginAsking()
    try {
      const body = { ...question, token, at_least: asking.atLeast && formatPosition(asking.atLeast) }
      const answer = await this.#caller.call('verifyToken', { body }, { signal: this.#closing.signal })
      const before = name === undefined ? undefined : this.#reader.recall(name)
      const value = rememberedOf(answer, question, before)
      const subjectIds = value === undefined ? subjectsAsked(token, question) : subjectIdsOf(value)
      const remember = name === undefined || value === undefined ? undefined : { name, value }
      const arrival = this.#reader.settle(asking, positionIn(answer), subjectIds, remember)
      return arrival === 'ask-again' ? undefined : answer
    } catch (error) {
      this.#reader.abandon(asking)
      throw error
    }
  }

  /** Whatever kept the server from being asked, be it the place that the token comes from, nobody could say. */
  #failed(error: unknown): void {
    const problem =
      error instanceof ChatelaineProblem
        ? error
        : new ChatelaineProblem('unavailable', 'The server could not be asked.', { cause: error })
    this.#observer.failed?.(problem)
  }

  #answer(verification: Verification, from: 'memory' | 'checksum' | 'server' | 'nobody'): Verification {
    this.#observer.answered?.(verification.code, from)
    return verification
  }
}

/**
 * A service may have the project from a path and the address from a header, where anything can stand. What is no id is
 * asked about as a project that nobody has; an id holds no space, so that no two questions have one name. What is too
 * long to be an address is none, and is nothing that the server need refuse to hear.
 */
function askable(question: Question): Question {
  const { project_id: projectId, client_ip: clientIp = '' } = question
  const isProject = projectId === undefined || /^prj_[0-9A-Za-z]{16}$/.test(projectId)
  if (isProject && clientIp.length <= addressLengthMax) return question
  return {
    ...question,
    project_id: isProject ? projectId : 'prj_0000000000000000',
    client_ip: clientIp.slice(0, addressLengthMax),
  }
}

const malformed: Refused = Object.freeze({ valid: false, code: 'malformed', token_id: null })

const unanswered: Unanswered = Object.freeze({
  valid: false,
  code: 'unavailable',
  token_id: null,
  retry_after_seconds: retryAfterSeconds,
})

/** What no question could have turned into anything else. */
const aboutTheToken: ReadonlySet<string> = new Set<Verification['code']>([
  'unavailable',
  'malformed',
  'unknown',
  'revoked',
  'suspended',
  'owner_disabled',
  'expired',
  'not_yet_valid',
])

function subjectsAsked(token: string, { project_id: projectId }: Question): string[] {
  return [tokenIdOf(token), projectId].filter((id) => id !== undefined)
}

/** @throws `unexpected-answer` when the server writes it otherwise. */
function positionIn({ seq }: VerifyAnswer): Position {
  const position = parsePosition(seq)
  if (position === undefined) throw new ChatelaineProblem('unexpected-answer', 'The answer names no place in the log.')
  return position
}
