import {
  actorOf,
  applyTaken,
  applyTakenToAccount,
  accountStateOf,
  deployment,
  instanceLeaseMs,
  leaseMarginMs,
  operatorCaller,
  tokenStateOf,
  type AccountId,
  type Change,
  type LogEntry,
  type LogPlace,
  type Subject,
  type TakenState,
  type TokenId,
} from '@chatelaine/core'
import type { ModelStore } from '../model-store.ts'

/** What a storage does about a log that was put back. A sabotage leaves one of these out. */
export type PutBackRule =
  /** Nothing is read for requests from a log that does not hold what this process knows of. */
  | 'reads prove the log'
  /** Nothing is written to such a log before it has an epoch of its own. */
  | 'writers prove the log'
  /** What the journal holds is taken away again. */
  | 'journals are replayed'
  /** In the new epoch nobody answers for one lease, in which the others replay their journals. */
  | 'the new epoch settles'
  /** An instance knows its row again by what it last wrote there. */
  | 'rows prove themselves'

/** So long an epoch that was begun over a log that was put back is young. */
const settlingMs = instanceLeaseMs + leaseMarginMs

interface Taking {
  readonly place: LogPlace
  readonly subject: Subject
  readonly state: TakenState
}

/**
 * The log in the database, with a chain, as the storage of each machine sees it: each knows how far it was told of and
 * what it wrote itself, and has a journal of what was taken away.
 */
export class KnownLog {
  leavesOut: PutBackRule | undefined
  readonly #store: ModelStore
  readonly #chains: string[] = []
  readonly #knowledge = new Map<object, Knowledge>()
  /** The epochs that were begun because the log was put back, and when. */
  readonly #begun = new Map<string, number>()
  #chainCount = 0

  constructor(store: ModelStore) {
    this.#store = store
  }

  get end(): LogPlace {
    const seq = this.#store.entries.length
    return { epoch: this.#store.epoch, seq, chain: this.chainAt(seq) }
  }

  chainAt(seq: number): string {
    const { length } = this.#store.entries
    while (this.#chains.length < length) this.#chains.push(`chain ${(this.#chainCount += 1)}`)
    return this.#chains[seq - 1] ?? 'start'
  }

  /** Forgets the chain behind the end that the log was put back to. */
  cutOff(): void {
    this.#chains.length = Math.min(this.#chains.length, this.#store.entries.length)
  }

  holds({ seq, chain }: Pick<LogPlace, 'seq' | 'chain'>): boolean {
    return seq <= this.#store.entries.length && this.chainAt(seq) === chain
  }

  /** The machine begins to follow the log at its end, and catches up with what was taken away before. */
  async begin(machine: object): Promise<void> {
    const knowledge = this.#of(machine)
    knowledge.told = this.end
    // What it wrote before is part of that log, or was seen to.
    knowledge.wrote = undefined
    const journaled = new Set(knowledge.journal.map(({ place }) => place.chain))
    await this.#note(
      knowledge,
      this.#store.entries.filter(({ seq }) => !journaled.has(this.chainAt(seq))),
    )
  }

  /** The machine hears of the log up to here. */
  async tell(machine: object, place: LogPlace, entries: readonly LogEntry[]): Promise<void> {
    const knowledge = this.#of(machine)
    knowledge.told = place
    await this.#note(knowledge, entries)
  }

  /** The machine has written these entries, at the end of the log. */
  async wrote(machine: object, entries: readonly LogEntry[]): Promise<void> {
    const knowledge = this.#of(machine)
    knowledge.wrote = this.end
    await this.#note(knowledge, entries)
  }

  /** Whether the log is the one that the machine knows, or goes on from it. */
  isKnown(machine: object): boolean {
    const { told, wrote } = this.#of(machine)
    return [told, wrote].every((place) => place === undefined || this.holds(place))
  }

  /** Whether nothing is left to do for the machine about a log that was put back. */
  isMended(machine: object): boolean {
    const { told, wrote, mended } = this.#of(machine)
    return [told, wrote].every((place) => place === undefined || this.holds(place) || mended.has(place.chain))
  }

  /** Takes away again what the machine knows to have been, in an epoch that is begun for it unless somebody has. */
  async mend(machine: object, nowMs: number): Promise<void> {
    const knowledge = this.#of(machine)
    const { told, wrote, mended, journal } = knowledge
    const lost = [told, wrote].filter((place) => place !== undefined && !this.holds(place)) as LogPlace[]
    const { epoch } = this.#store
    const isBegun = this.#begun.has(epoch) && lost.every((place) => place.epoch !== epoch)
    if (!isBegun) {
      const next = `${epoch}, put back`
      this.#store.beginEpoch(next)
      this.#begun.set(next, nowMs)
      await this.#commit({ action: 'deployment.restored', subject: deployment, write: { put: 'nothing' } })
    }
    if (this.leavesOut !== 'journals are replayed') {
      for (const taking of journal) if (!this.holds(taking.place)) await this.#replay(taking)
    }
    for (const { chain } of lost) mended.add(chain)
  }

  /** Whether others may still have to take away again what they know of. */
  isSettling(nowMs: number): boolean {
    const beganMs = this.#begun.get(this.#store.epoch) ?? -Infinity
    return this.leavesOut !== 'the new epoch settles' && nowMs - beganMs < settlingMs
  }

  #of(machine: object): Knowledge {
    const nothing = { told: undefined, wrote: undefined, mended: new Set<string>(), journal: [] }
    const known = this.#knowledge.get(machine) ?? nothing
    this.#knowledge.set(machine, known)
    return known
  }

  /** What is taken away goes into the journal as things stand now. */
  async #note({ journal }: Knowledge, entries: readonly LogEntry[]): Promise<void> {
    for (const { effect, subject, epoch, seq } of entries) {
      const state = effect === 'takes' ? await this.#stateOf(subject) : undefined
      if (state !== undefined) journal.push({ place: { epoch, seq, chain: this.chainAt(seq) }, subject, state })
    }
  }

  async #stateOf({ type, id }: Subject): Promise<TakenState | undefined> {
    const { tokens, accounts } = this.#store
    const token = type === 'token' ? await tokens.find(id as TokenId) : undefined
    if (token !== undefined) return tokenStateOf(token)
    const account = type === 'account' ? await accounts.find(id as AccountId) : undefined
    return account && accountStateOf(account)
  }

  async #replay({ subject, state }: Taking): Promise<void> {
    const { tokens, accounts } = this.#store
    if (state.type === 'token') {
      const token = await tokens.find(subject.id as TokenId)
      const write = token && { put: 'token' as const, token: applyTaken(token, state) }
      if (write !== undefined) await this.#commit({ action: 'token.updated', subject, write })
    }
    if (state.type === 'account') {
      const account = await accounts.find(subject.id as AccountId)
      const write = account && { put: 'account' as const, account: applyTakenToAccount(account, state) }
      if (write !== undefined) await this.#commit({ action: 'account.updated', subject, write })
    }
  }

  async #commit(change: Pick<Change, 'action' | 'subject' | 'write'>): Promise<void> {
    const at = this.#store.entries.at(-1)?.at ?? 0
    const actor = actorOf(operatorCaller)
    await this.#store.log.commit([{ ...change, at, actor, effect: 'takes', details: {}, guards: [] }])
  }
}

interface Knowledge {
  /** How far whoever follows the log has been told of it. */
  told: LogPlace | undefined
  /** What was written here last. */
  wrote: LogPlace | undefined
  /** Places that the log did not hold, by their chain, and that were seen to. */
  readonly mended: Set<string>
  readonly journal: Taking[]
}
