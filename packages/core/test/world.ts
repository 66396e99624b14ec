// A whole deployment in memory: the model of the store, the real keys, and time and chance that the test decides.

import { argon2Sync, timingSafeEqual } from 'node:crypto'
import {
  attemptCounters,
  createAccount,
  defaultPolicy,
  Freshness,
  issueToken,
  Memory,
  MemoryRates,
  noteFirstUse,
  OnceGate,
  openSession,
  operatorCaller,
  Spending,
  UsageRecorder,
  UseBudget,
  UseRecorder,
  Verifier,
  type Account,
  type AccountAsk,
  type Caller,
  type Clock,
  type Decision,
  type EpochMs,
  type Passwords,
  type Peer,
  type Policy,
  type Ports,
  type Question,
  type Token,
  type TokenAsk,
} from '@chatelaine/core'
import { generateToken, idLength, parseToken, tokenIdLead } from '@chatelaine/token'
import { deriveKeys, KeyRing, processFingerprint } from '@chatelaine/token/keys'
import { ModelStore } from './model-store.ts'

export const startAt: EpochMs = Date.parse('2026-11-22T10:00:00.000Z')

/** Where requests come from when the test does not care. */
export const peer: Peer = { ip: '192.0.2.1', client: 'test/1' }

/** A repeatable source of randomness: xorshift32, good enough to make things differ. */
export function randomFrom(seed: number): (byteCount: number) => Uint8Array {
  let state = seed | 1
  return (byteCount) =>
    Uint8Array.from({ length: byteCount }, () => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return state >>> 8
    })
}

/** Time that passes when the test says so. */
export class HandClock implements Clock {
  #now: EpochMs

  constructor(now: EpochMs = startAt) {
    this.#now = now
  }

  now(): EpochMs {
    return this.#now
  }

  monotonicMs(): number {
    return this.#now - startAt
  }

  pass(ms: number): void {
    this.#now += ms
  }
}

/** argon2id at the least cost that it has. */
export const passwords: Passwords = {
  hash: async (password) => `$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$${derived(password).toString('base64')}`,
  matches: async (password, hash) => {
    const tag = hash === null ? Buffer.alloc(32) : Buffer.from(hash.split('$').at(-1)!, 'base64')
    return timingSafeEqual(derived(password), tag) && hash !== null
  },
}

function derived(password: string): Buffer {
  const cost = { memory: 8, passes: 1, parallelism: 1, tagLength: 32 }
  return argon2Sync('argon2id', { ...cost, message: password, nonce: Buffer.from('saltsalt') })
}

export interface World {
  readonly store: ModelStore
  readonly clock: HandClock
  readonly ports: Ports
  readonly memory: Memory<number>
  readonly freshness: Freshness
  readonly uses: UseRecorder
  readonly verifier: Verifier<number>
  readonly spending: Spending
  /** The digests under former keys that verifications came across. */
  readonly oldDigests: { token: Token; presented: string }[]
  /** The uses of secrets whose rotation is over. */
  readonly retiredUses: { token: Token; peer: Peer }[]
}

export interface WorldParts {
  readonly policy?: Partial<Policy>
  readonly ring?: KeyRing
  readonly store?: ModelStore
  readonly memoryMax?: number
  /** Stands before the store's own reads of tokens. */
  readonly tokens?: (tokens: Ports['tokens']) => Ports['tokens']
  /** Stands before the store's own log. */
  readonly log?: (log: Ports['log']) => Ports['log']
}

export function makeWorld(parts: WorldParts = {}): World {
  const random = randomFrom(1)
  const store = parts.store ?? new ModelStore()
  if (parts.policy !== undefined) store.presetPolicy({ ...defaultPolicy, ...parts.policy })
  const clock = new HandClock()
  const keys = deriveKeys(parts.ring ?? KeyRing.generate(random))
  const memory = new Memory<number>(parts.memoryMax ?? 1_000)
  const freshness = new Freshness(store.source.position(), memory)
  store.source.follow(freshness)
  const oldDigests: World['oldDigests'] = []
  const retiredUses: World['retiredUses'] = []
  const tokens = parts.tokens?.(store.tokens) ?? store.tokens
  const ports: Ports = {
    log: parts.log?.(store.log) ?? store.log,
    once: store.once,
    tokens,
    accounts: store.accounts,
    projects: store.projects,
    sessions: store.sessions,
    handoffs: store.handoffs,
    usage: store.usage,
    housekeeping: store.housekeeping,
    clock,
    random,
    keys,
    passwords,
    freshness,
    rates: new MemoryRates(1_000),
    onceGate: new OnceGate(),
    attempts: attemptCounters(),
    settings: store.settings,
    tokenPrefix: 'chl',
  }
  let prepared = 0
  const verifier = new Verifier<number>({
    tokens,
    keys,
    clock,
    memory,
    freshness,
    fingerprint: processFingerprint(random),
    prepare: () => (prepared += 1),
    onFirstUse: (token, from) => noteFirstUse(ports, token, from),
    onOldDigest: (token, presented) => void oldDigests.push({ token, presented }),
  })
  const uses = new UseRecorder()
  const budget = new UseBudget(tokens)
  const spending = new Spending({
    budget,
    rates: ports.rates,
    uses,
    usage: new UsageRecorder(),
    clock,
    onRetiredSecret: (token, from) => void retiredUses.push({ token, peer: from }),
  })
  return { store, clock, ports, memory, freshness, uses, verifier, spending, oldDigests, retiredUses }
}

let names = 0

export async function makeAccount({ ports }: World, ask: Partial<AccountAsk> = {}): Promise<Account> {
  names += 1
  return (await createAccount(ports, operatorCaller, { username: `person${names}`, ...ask })).account
}

/** Somebody who signed in, however they did. */
export async function makePerson(world: World, ask: Partial<AccountAsk> = {}): Promise<Caller & { type: 'session' }> {
  const account = await makeAccount(world, ask)
  const { session } = await openSession(world.ports, peer, account)
  const signedIn = { ...account, lastSignInAt: session.createdAt }
  return { type: 'session', account: signedIn, sessionId: session.id, peer }
}

export interface Made {
  readonly token: Token
  readonly text: string
  readonly caller: Caller & { type: 'token' }
}

export async function makeToken({ ports }: World, caller: Caller, ask: Partial<TokenAsk> = {}): Promise<Made> {
  const issued = await issueToken(ports, caller, { origin: 'api', ...ask })
  if (issued.repeated) throw new Error('asked without an idempotency key')
  const { token, secret } = issued
  return { token, text: secret.reveal(), caller: { type: 'token', token, secret: 'newest', peer } }
}

/** A manager token that the operator made. */
export function makeManager(world: World, ask: Partial<TokenAsk> & { scopes: readonly string[] }): Promise<Made> {
  return makeToken(world, operatorCaller, { kind: 'manager', life: { permanent: true }, ...ask })
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A well-formed token with the id of another one and a secret of its own. */
export function forgedFrom(text: string): string {
  const { id, kind, prefix } = parseToken(text)!
  const idBytes = Uint8Array.from(id.slice(tokenIdLead.length), (digit) => base62.indexOf(digit))
  const others = randomFrom(4_711)
  const forged = generateToken({ prefix, kind }, (byteCount) => (byteCount === idLength ? idBytes : others(byteCount)))
  return forged.token.reveal()
}

/** The token as the store has it now. */
export async function reread({ store }: World, { id }: Token): Promise<Token> {
  const token = await store.tokens.find(id)
  if (token === undefined) throw new Error(`no token ${id}`)
  return token
}

/** Verifies a token that somebody presents from `peer`, as the edge does. */
export async function verify(
  { verifier, spending }: World,
  text: string,
  question: Question = {},
): Promise<Decision['code']> {
  const verdict = await verifier.verify(text, { clientIp: peer.ip!, ...question })
  return (await spending.settle(verdict, 1, peer)).decision.code
}

/** The actions in the log since the entry with this seq. */
export function actionsSince({ store }: World, seq: number): string[] {
  return store.entries.slice(seq).map(({ action }) => action)
}

/** A promise that the test opens when it likes. */
export class Gate {
  readonly #opened = Promise.withResolvers<void>()
  readonly #arrived = Promise.withResolvers<void>()

  /** Waits until somebody opens. */
  async pass(): Promise<void> {
    this.#arrived.resolve()
    await this.#opened.promise
  }

  open(): void {
    this.#opened.resolve()
  }

  /** Resolves when the first one stands before the gate. */
  get arrived(): Promise<void> {
    return this.#arrived.promise
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

/** Whether a promise is still open after everything had its turn. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  const note = (): void => void (done = true)
  promise.then(note, note)
  await settled()
  return !done
}
