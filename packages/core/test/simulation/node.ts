import {
  attemptCounters,
  AuthorityClock,
  Barrier,
  Freshness,
  Instance,
  Lease,
  LogReader,
  Memory,
  MemoryRates,
  OnceGate,
  Verifier,
  type Others,
  type OwnRow,
  type Ports,
  type SharedLog,
} from '@chatelaine/core'
import { processFingerprint, type Keys } from '@chatelaine/token/keys'
import { passwords } from '../world.ts'
import type { SimulatedDatabase } from './database.ts'
import type { PutBackRule } from './known-log.ts'
import type { Machine } from './machine.ts'
import type { Chance } from './schedule.ts'

/** A way to break the protocol on purpose, to see whether the simulation notices. */
export interface Sabotage {
  /** What is left out or done wrong. */
  readonly what: string
  /** A seed under which it was noticed; when other code changes what happens under a seed, it is another one. */
  readonly noticedAt: number
  /** What the reader of the log is given instead. */
  readonly forReader?: (shared: SharedLog, machine: Machine) => SharedLog
  /** What the barrier is given instead. */
  readonly forBarrier?: (shared: SharedLog, machine: Machine) => SharedLog
  readonly lease?: (machine: Machine) => Lease
  readonly others?: (instance: Instance) => Others
  readonly Freshness?: typeof Freshness
  /** Whether it is about a log that was put back, which is what happens in each of its runs then. */
  readonly isOfPutBack?: true
  /** Whether the table of instances is believed whatever it says of the own row. */
  readonly trustsTable?: true
  /** What the storage leaves out of what it does about a log that was put back. */
  readonly leavesOut?: PutBackRule
}

/** One instance of the server: the real protocol and the real use cases, on a machine and a database that are simulated. */
export interface Node {
  readonly name: string
  readonly machine: Machine
  /** When it joined the others, or tried to. */
  joinedMs: number
  readonly instance: Instance
  readonly ports: Ports
  readonly verifier: Verifier<null>
  hasJoined: boolean
  /** Whether it was told to stop, and begins nothing new. */
  isLeaving: boolean
}

export interface NodeParts {
  readonly name: string
  readonly machine: Machine
  readonly database: SimulatedDatabase
  readonly keys: Keys
  readonly chance: Chance
  readonly onPassed: (tookMs: number) => void
  readonly sabotage: Sabotage | undefined
}

export function makeNode(parts: NodeParts): Node {
  const { name, machine, database, keys, chance, onPassed, sabotage } = parts
  const { clock, timer } = machine
  const shared = database.sharedLog(machine)
  const onTrouble = (error: unknown): void => void (isUnavailable(error) || rethrow(error))
  const { feed, instances } = sabotage?.forReader?.(shared, machine) ?? shared
  const lease = sabotage?.lease?.(machine) ?? new Lease()
  const authority = new AuthorityClock(clock)
  const verifiers = () => ({ count: 0, lowestSeq: null, longestLeaseMs: 0 })
  const seen = sabotage?.forBarrier?.(shared, machine) ?? shared
  const ownRow = (): OwnRow | undefined => (sabotage?.trustsTable ? undefined : reader.row)
  const told = { onPassed, onTrouble }
  const barrier = new Barrier({ id: name, instances: seen.instances, clock, timer, ownRow, ...told })
  const onRowLost = (): void => void (sabotage?.trustsTable || barrier.holdBack())
  const reader = new LogReader({
    id: name,
    feed,
    instances,
    clock,
    lease,
    authority,
    verifiers,
    onRowLost,
    onPutBack: () => undefined,
  })
  const instance = new Instance({
    id: name,
    feed,
    instances,
    clock,
    timer,
    authority,
    lease,
    reader,
    barrier,
    onTrouble,
  })
  const memory = new Memory<null>(1_000)
  const FreshnessOrNot = sabotage?.Freshness ?? Freshness
  const freshness = new FreshnessOrNot(reader.position(), memory, sabotage?.others?.(instance) ?? instance)
  reader.follow(freshness)
  const random = (count: number): Uint8Array => chance.bytes(count)
  const { store } = database
  const far = <Port extends object>(port: Port): Port => remote(port, database, machine)
  const ports: Ports = {
    log: { ...far(store.log), commit: (changes, once) => database.commit(machine, changes, once) },
    once: far(store.once),
    tokens: far(store.tokens),
    accounts: far(store.accounts),
    projects: far(store.projects),
    sessions: far(store.sessions),
    usage: far(store.usage),
    housekeeping: far(store.housekeeping),
    handoffs: far(store.handoffs),
    settings: far(store.settings),
    clock: authority,
    random,
    keys,
    passwords,
    freshness,
    rates: new MemoryRates(1_000),
    onceGate: new OnceGate(),
    attempts: attemptCounters(),
    tokenPrefix: 'chl',
  }
  const verifier = new Verifier<null>({
    tokens: ports.tokens,
    keys,
    clock: authority,
    memory,
    freshness,
    fingerprint: processFingerprint(random),
    prepare: () => null,
    onFirstUse: async () => undefined,
    onOldDigest: () => undefined,
  })
  return { name, machine, joinedMs: Infinity, instance, ports, verifier, hasJoined: false, isLeaving: false }
}

/** Every method of the port, with the way to the database and back. */
function remote<Port extends object>(port: Port, database: SimulatedDatabase, machine: Machine): Port {
  const methods = Object.entries(port).map(([name, method]) => [
    name,
    (...asked: unknown[]) => database.read(machine, () => (method as (...asked: unknown[]) => unknown)(...asked)),
  ])
  return Object.fromEntries(methods) as Port
}

export function isUnavailable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'key' in error && error.key === 'unavailable'
}

function rethrow(error: unknown): never {
  throw error
}
