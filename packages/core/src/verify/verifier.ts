import { isWellFormed, tokenIdOf, tokenLengthMax } from '@chatelaine/token'
import type { Position } from '../log/change.ts'
import { awaitsFirstUse, digestOf, secretAge, type SecretAge } from '../domain/rotation.ts'
import { decide, validUntil, type Decision, type Question, type Standing } from './decide.ts'
import { Failure } from '../domain/failure.ts'
import type { Peer } from '../domain/caller.ts'
import type { Freshness } from '../freshness/freshness.ts'
import type { ProjectId, TokenId } from '../domain/id.ts'
import type { Memory, Remembered } from '../freshness/memory.ts'
import type { Clock, Keys, StoredStanding, TokenStore } from '../ports.ts'
import { standingFrom } from './standing.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Token } from '../domain/token.ts'

/** Reads of the store for tokens that are not remembered; beyond so many at once the answer is `unavailable`. */
export const coldReadsMax = 1_000

/** A read that keeps being overtaken by changes is given up after so many tries. */
const readAttemptsMax = 10

/** What a presented string turned out to be. */
export interface Verdict<Prepared> {
  readonly decision: Decision
  /** Present for every genuine token, whatever was decided; absent for `malformed` and `unknown`. */
  readonly known: Remembered<Prepared> | undefined
  /** What had been applied when the answer was read. */
  readonly position: Position
  /**
   * There when accepting this would be the first use of a new secret, which begins the old one's grace. To be called
   * once nothing else can refuse: it notes the use durably, and answers as things stand then.
   * @throws `unavailable` (rejects) when nobody can say whether it is noted.
   */
  readonly noteFirstUse?: (peer: Peer) => Promise<Verdict<Prepared>>
}

export interface VerifierParts<Prepared> {
  readonly tokens: TokenStore
  readonly keys: Keys
  readonly clock: Clock
  readonly memory: Memory<Prepared>
  readonly freshness: Freshness
  /** Names a presented token for the memory: `SHA-256(random key of the process ‖ token)`. */
  readonly fingerprint: (presented: string) => string
  /** Prepares, once for each remembered token, what the edge needs to answer `valid`. */
  readonly prepare: (standing: Standing, position: Position) => Prepared
  /** Notes durably that a new secret is used for the first time; afterwards the token is read again. */
  readonly onFirstUse: (token: Token, peer: Peer) => Promise<void>
  /** Told of each token that is still good and whose digest is of an older master key, with the string that fits it. */
  readonly onOldDigest: (token: Token, presented: string) => void
}

/** What is measured of a verifier since its process began. */
export interface VerifierStatistics {
  /** Verifications of remembered tokens. */
  readonly recalled: number
  /** Those that had to ask the store. */
  readonly lookedUp: number
  readonly readsUnderWay: number
}

/** Says of any presented string whether it is a token that is good, from memory where it can. */
export class Verifier<Prepared> {
  readonly #parts: VerifierParts<Prepared>
  #recalled = 0
  #lookedUp = 0
  readonly #reads = new Map<string, Promise<Found<Prepared>>>()

  constructor(parts: VerifierParts<Prepared>) {
    this.#parts = parts
  }

  get statistics(): VerifierStatistics {
    return { recalled: this.#recalled, lookedUp: this.#lookedUp, readsUnderWay: this.#reads.size }
  }

  /**
   * Never throws for what was presented. For a remembered token the answer is there at once, without a promise:
   * looking into the memory and deciding are one synchronous step, so that no change can come between.
   * @throws `unavailable` (rejects) when the store cannot say.
   */
  verify(presented: string, question: Question): Verdict<Prepared> | Promise<Verdict<Prepared>> {
    const { memory, freshness, clock, fingerprint } = this.#parts
    if (presented.length > tokenLengthMax) return malformed(freshness)
    // What is known of a token depends on the project that is asked about, so it is remembered for each.
    const { projectId } = question
    const name = fingerprint(projectId === undefined ? presented : presented + projectId)
    const mayRecall = freshness.mayAnswer() && freshness.hasReached(question.atLeast)
    const known = mayRecall ? memory.recall(name) : undefined
    if (known !== undefined) {
      this.#recalled += 1
      // What is remembered is true up to whatever has been applied: a change about it would have removed it.
      const decision = decide(known, question, clock.now())
      return { decision, known, position: freshness.position }
    }
    // What is remembered was well formed when it was read, so only the rest is asked.
    if (!isWellFormed(presented)) return malformed(freshness)
    this.#lookedUp += 1
    return this.#verifyCold(name, presented, question)
  }

  /**
   * The same for what stands in for a token, such as a bearer that was traded for it, once whoever asks has made sure that
   * it is genuine. It is asked of the store each time, and begins no grace: a new secret is used by whoever presents it.
   * @param secretOf which secret of the token it stands in for; `undefined` for none that the token has any more, so that
   *   it is `unknown`.
   * @throws `unavailable` (rejects) when the store cannot say.
   */
  async verifyStandIn(
    tokenId: TokenId,
    question: Question,
    secretOf: (token: Token) => SecretAge | undefined = () => 'newest',
  ): Promise<Verdict<Prepared>> {
    const { clock, freshness } = this.#parts
    const position = freshness.position
    const genuine = (found: StoredStanding | undefined) => {
      const secret = found && secretOf(found.token)
      return found && secret && { ...found, secret }
    }
    const { known } = await this.#readFresh(tokenId, question.projectId, genuine, () => {})
    if (known === undefined) return { decision: { code: 'unknown' }, known, position }
    if (!freshness.knowsTime()) throw timeUnknown()
    return { decision: decide(known, question, clock.now()), known, position: known.position }
  }

  async #verifyCold(name: string, presented: string, question: Question): Promise<Verdict<Prepared>> {
    const { clock, freshness } = this.#parts
    const position = freshness.position
    const known = await this.#lookUp(name, presented, question)
    if (known === undefined) return { decision: { code: 'unknown' }, known, position }
    if (!freshness.knowsTime()) throw timeUnknown()
    const now = clock.now()
    const decision = decide(known, question, now)
    const verdict = { decision, known, position: known.position }
    if (decision.code !== 'valid' || !isFirstUse(known, now)) return verdict
    return { ...verdict, noteFirstUse: (peer) => this.#noteFirstUse(known.token, name, presented, question, peer) }
  }

  /** Where another change came before, or another first use, nothing was noted, and what is read then decides. */
  async #noteFirstUse(
    token: Token,
    name: string,
    presented: string,
    question: Question,
    peer: Peer,
  ): Promise<Verdict<Prepared>> {
    let unused = token
    for (let attempt = 1; attempt <= readAttemptsMax; attempt += 1) {
      await this.#parts.onFirstUse(unused, peer)
      const { noteFirstUse, ...verdict } = await this.#verifyCold(name, presented, question)
      if (noteFirstUse === undefined || verdict.known === undefined) return verdict
      unused = verdict.known.token
    }
    throw keepsChanging()
  }

  /** Many questions for one token that is not remembered make one read. */
  async #lookUp(
    name: string,
    presented: string,
    { projectId, atLeast }: Question,
  ): Promise<Remembered<Prepared> | undefined> {
    // What has not been heard of here yet may be missing from a read that began before.
    const isAhead = !this.#parts.freshness.hasReached(atLeast)
    const running = await this.#reads.get(name)
    if (running?.isForAll && !isAhead) return running.known
    // A read that runs now, or none yet, began after this question was asked.
    return (await this.#readOnce(name, presented, projectId)).known
  }

  #readOnce(name: string, presented: string, projectId: ProjectId | undefined): Promise<Found<Prepared>> {
    const running = this.#reads.get(name)
    if (running !== undefined) return running
    if (this.#reads.size >= coldReadsMax) {
      const message = 'Too many tokens are being looked up at once. Ask again in a second.'
      return Promise.reject(new Failure('unavailable', message, { retryAfterSeconds: 1 }))
    }
    const { memory, clock, keys, onOldDigest } = this.#parts
    const keep = (known: Remembered<Prepared>): void => {
      if (!isWorthRemembering(known, clock.now())) return
      memory.remember(name, known)
      if (!keys.isCurrent(digestOf(known.token, known.secret))) onOldDigest(known.token, presented)
    }
    const tokenId = tokenIdOf(presented) as TokenId
    const genuine = (found: StoredStanding | undefined) => this.#genuine(found, presented)
    const read = this.#readFresh(tokenId, projectId, genuine, keep).finally(() => this.#reads.delete(name))
    this.#reads.set(name, read)
    return read
  }

  /** @param keep is given what was found, before anything can change it. */
  async #readFresh(
    tokenId: TokenId,
    projectId: ProjectId | undefined,
    genuineOf: (found: StoredStanding | undefined) => Genuine | undefined,
    keep: (known: Remembered<Prepared>) => void,
  ): Promise<Found<Prepared>> {
    const { tokens, freshness } = this.#parts
    for (let attempt = 1; attempt <= readAttemptsMax; attempt += 1) {
      const reading = freshness.beginReading()
      try {
        const found = await tokens.findStanding(tokenId, projectId)
        const genuine = genuineOf(found)
        const { accountId = null, projectId: ownProjectId = null } = genuine?.token ?? {}
        const ancestorIds = genuine?.ancestors.map(({ id }) => id) ?? []
        if (!reading.isFresh([tokenId, accountId, ownProjectId, projectId ?? null, ...ancestorIds])) continue
        const isForAll = freshness.mayAnswer()
        if (genuine === undefined) return { known: undefined, isForAll }
        const remembered = this.#remembered(genuine, projectId, reading.position)
        keep(remembered)
        return { known: remembered, isForAll }
      } finally {
        reading.end()
      }
    }
    throw keepsChanging()
  }

  #genuine(found: StoredStanding | undefined, presented: string): Genuine | undefined {
    const { keys } = this.#parts
    if (found === undefined) {
      // An id that does not exist costs a digest too. That opening a row takes longer still tells who measures well which
      // ids there are; ids are no secret, and of the secrets nothing is told.
      keys.digestMatches(presented, absentDigest(keys))
      return undefined
    }
    const secret = secretAge(keys, found.token, presented)
    return secret && { ...found, secret }
  }

  #remembered(found: Genuine, projectId: ProjectId | undefined, position: Position): Remembered<Prepared> {
    const standing = standingFrom(found, found.secret)
    return {
      ...standing,
      position,
      prepared: this.#parts.prepare(standing, position),
      askedProjectId: projectId ?? null,
      pendingUses: undefined,
      pendingUsage: undefined,
    }
  }
}

/** What one read of the store found. */
interface Found<Prepared> {
  readonly known: Remembered<Prepared> | undefined
  /**
   * Whether it serves also those who asked after the read had begun. Without the right to answer from memory it does
   * not: this process may not have heard yet of what was taken away between the read and their question.
   */
  readonly isForAll: boolean
}

type Genuine = StoredStanding & Pick<Standing, 'secret'>

function isFirstUse({ token, secret }: Standing, now: EpochMs): boolean {
  return secret === 'newest' && awaitsFirstUse(token, now)
}

function malformed({ position }: Freshness): Verdict<never> {
  return { decision: { code: 'malformed' }, known: undefined, position }
}

function timeUnknown(): Failure {
  const message = 'A clock of this server stood still or was set, so that the time is not known. Ask again in a second.'
  return new Failure('unavailable', message, { retryAfterSeconds: 1 })
}

function keepsChanging(): Failure {
  return new Failure('unavailable', 'This token keeps changing. Ask again in a second.', { retryAfterSeconds: 1 })
}

/** Only what may be accepted is remembered; a refusal is read again each time. */
function isWorthRemembering(standing: Remembered<unknown>, now: EpochMs): boolean {
  const { token, owner, memberOf, askedProjectId } = standing
  if (token.revokedAt !== null || !token.isActive || isFirstUse(standing, now)) return false
  if (token.accountId !== null && owner?.status !== 'active') return false
  // Else whoever holds a token could fill the memory with projects that are none.
  if (askedProjectId !== null && askedProjectId !== token.projectId && askedProjectId !== memberOf) return false
  const endsAt = validUntil(standing)
  return endsAt === null || endsAt > now
}

const absentDigests = new WeakMap<Keys, string>()

/** A digest that no token has, under the current key. */
function absentDigest(keys: Keys): string {
  const made = absentDigests.get(keys) ?? keys.digest('')
  absentDigests.set(keys, made)
  return made
}
