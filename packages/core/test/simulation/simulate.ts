import {
  changeAccount,
  changeToken,
  instanceLeaseMs,
  leaseMarginMs,
  operatorCaller,
  revokeToken,
  type AccountId,
  type EpochMs,
  type TokenId,
} from '@chatelaine/core'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'
import { makeAccount, makeToken, makeWorld } from '../world.ts'
import { SimulatedDatabase } from './database.ts'
import { Ledger } from './ledger.ts'
import { beginningAt, Machine } from './machine.ts'
import { isUnavailable, makeNode, type Node, type Sabotage } from './node.ts'
import { Chance, Schedule } from './schedule.ts'

/** So much time passes in one run. */
const runMs = 11_000

/** What began by then has ended when the run does, unless its machine does not run. */
const lastBeginningMs = 7_000

/** No clock goes faster or slower than the time that passes by more than this. */
const driftMax = 0.05

/** The deployment's time may be known this much too late: a read may have taken so long, and clocks drift. */
const expiryLateMsMax = 1_000

export interface RunOptions {
  readonly seed: number
  readonly sabotage?: Sabotage
  /** Besides the instances themselves: others that take part, such as verifiers outside the server. */
  readonly actors?: readonly Actor[]
}

/** Takes part in a run: it is called once at the beginning and does what it does by events of the schedule. */
export type Actor = (simulation: Simulation) => void

/** What one run came to. Equal for equal seeds. */
export interface Run {
  readonly seed: number
  readonly isHealthy: boolean
  /** What must never happen, in words; empty when all is well. */
  readonly violations: readonly string[]
  /** How many of them were accepted though they had been taken away before. */
  readonly staleAccepted: number
  readonly verifications: number
  readonly accepted: number
  /** Verifications that could not be answered. */
  readonly unanswered: number
  readonly takingsAnswered: number
  /** How long each of those who passed the barrier was held up. */
  readonly heldUpMs: readonly number[]
  /** A digest of everything that happened, in order. */
  readonly trace: number
}

/** One run of a small deployment under a seed. */
export async function simulate(options: RunOptions): Promise<Run> {
  const simulation = new Simulation(options)
  await simulation.prepare()
  for (const actor of options.actors ?? []) actor(simulation)
  await simulation.schedule.runUntil(runMs)
  return simulation.outcome()
}

interface Subject {
  readonly id: TokenId
  readonly text: string
  readonly accountId: AccountId
  readonly expiresAt: number | null
}

/** Somebody put the database back while instances ran. */
interface PutBack {
  /** Those that had heard of everything. */
  readonly knowing: readonly Node[]
  /** Those that had heard of something that was lost. */
  readonly warned: readonly Node[]
  /** When an epoch was begun because of it. */
  begunMs: number
  /** When one of those who know had taken away again what was. */
  toldMs: number
}

/** In so many of a hundred runs in which something goes wrong. */
const putBackPercent = 30

const tokensEach = 5

/** After so long nobody answers from before. */
const settlingMs = instanceLeaseMs + leaseMarginMs
const scope = 'data:read'

export class Simulation {
  readonly chance: Chance
  readonly schedule = new Schedule()
  readonly ledger = new Ledger()
  readonly database: SimulatedDatabase
  readonly nodes: Node[] = []
  readonly tokens: Subject[] = []
  /** Whether nothing fails: then nobody is held up for long, and everything is answered. */
  readonly isHealthy: boolean
  readonly #seed: number
  readonly #sabotage: Sabotage | undefined
  readonly #keys: Keys
  readonly #violations: string[] = []
  readonly #heldUpMs: number[] = []
  #verifications = 0
  #accepted = 0
  #staleAccepted = 0
  #unanswered = 0
  #takingsAnswered = 0
  #trace = 0
  readonly #putBackPercent: number
  readonly #putBacks: PutBack[] = []

  constructor({ seed, sabotage }: RunOptions) {
    this.#seed = seed
    this.#sabotage = sabotage
    this.chance = new Chance(seed)
    this.isHealthy = this.chance.happens(15)
    this.database = new SimulatedDatabase(this.schedule, this.chance)
    this.database.known.leavesOut = sabotage?.leavesOut
    this.#putBackPercent = sabotage?.isOfPutBack ? 100 : putBackPercent
    this.database.onMended = (machine) => this.#mended(machine)
    this.#keys = deriveKeys(KeyRing.generate((count) => this.chance.bytes(count)))
  }

  async prepare(): Promise<void> {
    await this.#makeTokens()
    // Most begin together; sometimes the others join one that was alone.
    const isAlone = this.chance.happens(20)
    for (let count = 0; count < 3; count += 1) {
      this.#start(isAlone && count > 0 ? this.chance.between(2_300, 4_000) : this.chance.between(0, 200))
    }
    for (let count = 0; count < 16; count += 1) this.#plan(() => this.#take())
    for (let count = 0; count < 5; count += 1) this.#plan(() => this.#give())
    for (let count = 0; count < 250; count += 1) this.#plan(() => this.verifyAnywhere())
    if (this.isHealthy) this.#plan(() => this.#leave())
    else this.#planTrouble()
    // By a chance of its own, so that what else happens under a seed is the same without it.
    const ofPutBack = new Chance(~this.#seed)
    if (!this.isHealthy && ofPutBack.happens(this.#putBackPercent)) this.#planPutBack(ofPutBack)
  }

  outcome(): Run {
    return {
      seed: this.#seed,
      isHealthy: this.isHealthy,
      violations: this.#violations,
      staleAccepted: this.#staleAccepted,
      verifications: this.#verifications,
      accepted: this.#accepted,
      unanswered: this.#unanswered,
      takingsAnswered: this.#takingsAnswered,
      heldUpMs: this.#heldUpMs,
      trace: this.#trace,
    }
  }

  /** Notes that something happened which must never. */
  violate(what: string): void {
    this.#violations.push(`after ${this.schedule.nowMs.toFixed(1)} ms: ${what}`)
  }

  /** One verification on one instance, held to everything that is known when it is sent. */
  verify(node: Node, token: Subject): void {
    if (!node.hasJoined || node.machine.isDead) return
    const ids = [token.id, token.accountId]
    const mustNotBeAccepted = this.ledger.beginVerifying(ids)
    const beganAt = this.database.at
    const beganMs = this.schedule.nowMs
    const isWrong = (): boolean => mustNotBeAccepted() && !this.#isExcused(node, beganMs)
    this.#verifications += 1
    node.machine.deliver(() => void this.#verifySent(node, token, beganAt, isWrong))
  }

  async #verifySent(node: Node, token: Subject, sentAt: EpochMs, mustNotBeAccepted: () => boolean): Promise<void> {
    const ids = [token.id, token.accountId]
    try {
      const { decision } = await node.verifier.verify(token.text, { scopes: [scope] })
      const { code } = decision
      this.#note(`${node.name} ${token.id} ${code}`)
      const isOver = token.expiresAt !== null && sentAt > token.expiresAt + expiryLateMsMax
      if (code === 'valid') {
        this.#accepted += 1
        if (mustNotBeAccepted()) {
          this.#staleAccepted += 1
          this.violate(`${node.name} accepted ${token.id}, which was taken away before`)
        }
        if (isOver) this.violate(`${node.name} accepted ${token.id}, which had expired`)
      } else if (this.ledger.isUntouched(ids) && !(code === 'expired' && token.expiresAt !== null)) {
        this.violate(`${node.name} called ${token.id}, which is good, ${code}`)
      }
    } catch (error) {
      this.#unanswered += 1
      this.#note(`${node.name} ${token.id} unanswered`)
      if (!isUnavailable(error)) this.violate(`${node.name} failed over ${token.id}: ${String(error)}`)
      else if (this.isHealthy) this.violate(`${node.name} gave no answer though all was well`)
    }
  }

  verifyAnywhere(): void {
    const node = this.#anyNode()
    if (node !== undefined) this.verify(node, this.chance.pick(this.tokens))
  }

  async #makeTokens(): Promise<void> {
    const { store } = this.database
    const world = makeWorld({ store, ring: KeyRing.generate((count) => this.chance.bytes(count)) })
    const ports = { ...world.ports, keys: this.#keys, random: (count: number) => this.chance.bytes(count) }
    for (const accountCount of [1, 2, 3]) {
      const account = await makeAccount({ ...world, ports }, { username: `account ${accountCount}` })
      for (let count = 0; count < tokensEach; count += 1) {
        const expiresAt = this.chance.happens(10) ? beginningAt + Math.floor(this.chance.between(1_000, runMs)) : null
        const life = expiresAt === null ? {} : { life: { expiresAt } }
        const { token, text } = await makeToken({ ...world, ports }, operatorCaller, {
          accountId: account.id,
          scopes: [scope, 'data:write'],
          ...life,
        })
        this.tokens.push({ id: token.id, text, accountId: account.id, expiresAt })
      }
    }
  }

  #start(afterMs: number): void {
    const rate = this.isHealthy ? 1 : 1 + this.chance.pick([-driftMax, -driftMax, 0, driftMax, driftMax])
    const machine = new Machine(this.schedule, this.chance, rate)
    const node = makeNode({
      name: `node ${this.nodes.length + 1}`,
      machine,
      database: this.database,
      keys: this.#keys,
      chance: this.chance,
      onPassed: (tookMs) => this.#passed(node, tookMs),
      sabotage: this.#sabotage,
    })
    this.nodes.push(node)
    this.schedule.after(afterMs, () => void this.#join(node))
  }

  /** Somebody backs the database up, and puts it back later while everybody runs and not everybody has heard of all. */
  #planPutBack(chance: Chance): void {
    const backUpMs = chance.between(500, 3_000)
    const putBackMs = backUpMs + chance.between(2_900, 3_500)
    const what = chance.happens(70) ? 'everything' : 'instances'
    let putBack = (): void => undefined
    this.schedule.at(backUpMs, () => {
      const putThatBack = this.database.backUp()
      putBack = () => putThatBack(what)
      for (let count = 0; count < 3; count += 1) this.#soon(300, () => this.#take())
      if (chance.happens(50)) this.#start(chance.between(100, 300))
    })
    this.schedule.at(backUpMs + 500, () => {
      if (chance.happens(60)) this.#anyNode()?.machine.cutOff(chance.between(2_300, putBackMs - backUpMs))
      for (let count = 0; count < 3; count += 1) this.#soon(100, () => this.#take())
    })
    this.schedule.at(putBackMs, () => {
      this.#putBack(putBack)
      if (chance.happens(50)) this.nodes.at(-1)?.machine.cutOff(3_000)
    })
  }

  #putBack(putBack: () => void): void {
    const before = this.database.known.end
    const reachedBy = new Map(this.nodes.map((node) => [node, node.instance.source.position()]))
    const knowing = this.nodes.filter((node) => {
      const { epoch, seq } = reachedBy.get(node)!
      return node.machine.isRunning && epoch === before.epoch && seq === before.seq
    })
    // Where nobody is left who knows, nobody can tell.
    if (knowing.length < 2) return
    putBack()
    const after = this.database.known.end
    const warned = this.nodes.filter((node) => {
      const { epoch, seq } = reachedBy.get(node)!
      return epoch === after.epoch && seq > after.seq
    })
    this.#putBacks.push({ knowing, warned, begunMs: Infinity, toldMs: Infinity })
    // Before anybody has noticed, and soon after.
    for (const withinMs of [100, 200, 300, 600, 1_000, 1_000]) this.#soon(withinMs, () => this.#take())
  }

  #mended(machine: Machine): void {
    const { nowMs } = this.schedule
    for (const putBack of this.#putBacks) {
      putBack.begunMs = Math.min(putBack.begunMs, nowMs)
      if (putBack.knowing.some((node) => node.machine === machine)) putBack.toldMs = Math.min(putBack.toldMs, nowMs)
    }
  }

  /**
   * Whoever had heard of everything that was lost never accepts it. Whoever had heard of some knows at least that it must
   * wait for the others. And who had heard of nothing cannot know better until the others have said it.
   */
  #isExcused(node: Node, sentMs: number): boolean {
    return this.#putBacks.some(({ knowing, warned, begunMs, toldMs }) => {
      if (knowing.includes(node)) return false
      const settledMs = begunMs + settlingMs
      if (warned.includes(node)) return sentMs < toldMs && this.schedule.nowMs >= settledMs
      return sentMs < Math.max(settledMs, toldMs)
    })
  }

  /** As a server that starts: without its database it tries again. */
  async #join(node: Node): Promise<void> {
    node.joinedMs = this.schedule.nowMs
    try {
      await node.instance.join()
      node.hasJoined = true
      for (const token of this.tokens) this.#soon(100, () => this.verify(node, token))
      if (this.schedule.nowMs < lastBeginningMs) this.#soon(500, () => this.#take())
    } catch (error) {
      if (!isUnavailable(error)) throw error
      node.machine.timer.after(100, () => void this.#join(node))
    }
  }

  /** A stop in good order: nobody has to wait for it. */
  #leave(): void {
    const node = this.#anyNode()
    if (node === undefined) return
    node.isLeaving = true
    void node.instance.leave()
    // As long as anything takes that it has begun.
    this.schedule.after(3_500, () => node.machine.crash())
    this.#start(this.chance.between(0, 300))
  }

  #take(): void {
    const token = this.chance.pick(this.tokens)
    const { id, accountId } = token
    const ways: [string, boolean, (node: Node) => Promise<unknown>][] = [
      [id, true, ({ ports }) => revokeToken(ports, operatorCaller, id)],
      [id, true, ({ ports }) => revokeToken(ports, operatorCaller, id)],
      [id, true, ({ ports }) => changeToken(ports, operatorCaller, id, { scopes: ['data:write'] })],
      [id, false, ({ ports }) => changeToken(ports, operatorCaller, id, { isActive: false })],
      [id, false, ({ ports }) => changeToken(ports, operatorCaller, id, { isActive: false })],
      [accountId, false, ({ ports }) => changeAccount(ports, operatorCaller, accountId, { status: 'disabled' })],
    ]
    const [subject, isFinal, take] = this.chance.pick(ways)
    // It is remembered everywhere, or being read, when it is taken away; and sometimes several ask at once.
    for (const node of this.nodes) this.#soon(30, () => this.verify(node, token))
    if (!this.isHealthy && this.chance.happens(30)) this.#strike(this.chance.pick(this.nodes).machine)
    const times = this.chance.pick([1, 1, 2, 3])
    for (let time = 0; time < times; time += 1) {
      this.#soon(40, () => void this.#takeAway(token, subject, isFinal, take, 3))
    }
  }

  /** Just then something happens to one of the instances. */
  #strike(machine: Machine): void {
    this.#soon(40, () => {
      const way = this.chance.pick([
        'cut off',
        'cut off',
        'slow, then cut off',
        'stopped',
        'asleep',
        'slept shortly',
      ] as const)
      if (way === 'stopped') machine.stop(this.chance.between(2_000, 4_000))
      else if (way === 'asleep') machine.stop(this.chance.between(2_000, 4_000), true)
      else {
        if (way === 'slow, then cut off') machine.slowDown(this.chance.between(200, 400))
        const afterMs = way === 'cut off' ? 0 : this.chance.between(50, 450)
        this.schedule.after(afterMs, () => machine.cutOff(this.chance.between(2_000, 4_000)))
        if (way === 'slept shortly') machine.stop(this.chance.between(300, 480), true)
      }
    })
  }

  /** Whoever is told to ask again does so, of whichever instance there is then. */
  async #takeAway(
    token: Subject,
    id: string,
    isFinal: boolean,
    take: (node: Node) => Promise<unknown>,
    attempts: number,
  ): Promise<void> {
    const node = this.#anyNode()
    if (node === undefined) return
    const answered = this.ledger.beginTaking(id, isFinal)
    try {
      await take(node)
    } catch (error) {
      this.#note(`${node.name} ${id} ${String(error)}`)
      if (this.isHealthy && isUnavailable(error))
        this.violate(`${node.name} could not take ${id} away: ${String(error)}`)
      const isWorthMore = isUnavailable(error) && attempts > 1
      if (isWorthMore) this.#soon(1_000, () => void this.#takeAway(token, id, isFinal, take, attempts - 1))
      return
    }
    answered()
    this.#takingsAnswered += 1
    this.#note(`${node.name} ${id} taken away`)
    for (const other of this.nodes) {
      this.verify(other, token)
      for (const withinMs of [10, 50, 300, 300, 2_500]) this.#soon(withinMs, () => this.verify(other, token))
    }
  }

  #give(): void {
    const { id, accountId } = this.chance.pick(this.tokens)
    const node = this.#anyNode()
    if (node === undefined) return
    const [subject, given] = this.chance.happens(60)
      ? [id, () => changeToken(node.ports, operatorCaller, id, { isActive: true })]
      : [accountId, () => changeAccount(node.ports, operatorCaller, accountId, { status: 'active' })]
    const answered = this.ledger.beginGiving(subject)
    // Without an answer nobody knows whether it comes into force, or when.
    given().then(answered, () => undefined)
  }

  #passed({ name, machine, joinedMs }: Node, tookMs: number): void {
    this.#heldUpMs.push(tookMs)
    if (machine.pauses > 0) return
    // Whoever has just begun lets nobody pass early; else it is the whole lease and its margin, and what timers are late.
    const isSettled = this.schedule.nowMs - joinedMs > 2_400
    const usualMs = this.isHealthy && isSettled ? 60 : 2_255
    if (tookMs > usualMs) this.violate(`${name} was held up for ${tookMs.toFixed(0)} ms`)
  }

  #planTrouble(): void {
    const { chance, database, schedule } = this
    database.network = {
      slowPercent: chance.pick([0, 1, 5, 20]),
      lostPercent: chance.pick([0, 0, 1, 3]),
    }
    const wall = [50, 400, 2_000, 2_300, 3_600_000]
    const troubles: (() => void)[] = [
      () => this.#anyNode()?.machine.stop(chance.between(20, 500)),
      () => this.#anyNode()?.machine.stop(chance.between(1_500, 3_000)),
      () => this.#anyNode()?.machine.stop(chance.between(3_000, 5_000)),
      () => this.#anyNode()?.machine.stop(chance.between(1_500, 4_000), true),
      () => this.#anyNode()?.machine.setWall(chance.pick(wall) * chance.pick([-1, 1])),
      () => this.#anyNode()?.machine.cutOff(chance.between(100, 4_000)),
      () => this.#anyNode()?.machine.crash(),
      () => this.#start(0),
      () => this.#start(0),
      () => this.#leave(),
      () => database.replace({ withRows: chance.happens(40) }),
      () => {
        database.isDown = true
        schedule.after(chance.between(100, 2_500), () => void (database.isDown = false))
      },
    ]
    const count = 2 + Math.floor(chance.between(0, 7))
    for (let done = 0; done < count; done += 1) this.#plan(chance.pick(troubles))
  }

  #plan(work: () => void): void {
    this.schedule.at(this.chance.between(100, lastBeginningMs), work)
  }

  #soon(withinMs: number, work: () => void): void {
    this.schedule.after(this.chance.between(0, withinMs), work)
  }

  #anyNode(): Node | undefined {
    const running = this.nodes.filter((node) => node.hasJoined && !node.isLeaving && node.machine.isRunning)
    return running.length === 0 ? undefined : this.chance.pick(running)
  }

  #note(what: string): void {
    for (let index = 0; index < what.length; index += 1) {
      this.#trace = (Math.imul(this.#trace, 31) + what.charCodeAt(index)) | 0
    }
    this.#trace = (Math.imul(this.#trace, 31) + Math.floor(this.schedule.nowMs * 1_000)) | 0
  }
}
