import { randomBytes } from 'node:crypto'
import {
  addressesKeptMs,
  attemptCounters,
  dayMs,
  endOverdue,
  ExposureLog,
  Feed,
  forgetEnded,
  formatPosition,
  Freshness,
  hourMs,
  makeInstance,
  Memory,
  noteFirstUse,
  minuteMs,
  OnceGate,
  rekey,
  RetiredUses,
  secondMs,
  Spending,
  UseBudget,
  UsageRecorder,
  usageTakenMax,
  UseRecorder,
  usesTakenMax,
  Verifier,
  type Clock,
  type Ports,
} from '@chatelaine/core'
import type { DamagedRow } from '@chatelaine/storage/sqlite'
import { randomBase62, type Random } from '@chatelaine/token'
import { deriveKeys, processFingerprint, type KeyRing } from '@chatelaine/token/keys'
import type { Logger } from 'pino'
import { takeBackupNotes } from './backup-notes.ts'
import { systemClock, systemTimer } from './clock.ts'
import type { Settings } from './config.ts'
import { Metrics, type Figures } from './metrics/metrics.ts'
import { prepareAnswer, type PreparedAnswer } from './http/verify-answer.ts'
import { argon2Passwords } from './passwords.ts'
import { openRates } from './rates.ts'
import { Rekeying } from './rekeying.ts'
import type { Service } from './service.ts'
import { openSingleSignOn } from './single-sign-on.ts'
import { openAsked, type OpenStorage } from './storage.ts'
import { traceCommits } from './tracing.ts'

/** So many tokens are remembered, at about 2 KB each; of more, those that were remembered longest ago are read again. */
const rememberedMax = 100_000

/** Random for each start of a process, so that no two ever meet. */
const instanceIdLength = 16

/** So exactly verifiers are answered that wait for what is new in vain. */
const feedTickMs = 50

/** What a service has from whoever starts it. */
export interface Surroundings {
  readonly log: Logger
  /** The machine's own unless given. */
  readonly clock?: Clock
  /** The system's generator unless given. */
  readonly random?: Random
  /** What the settings ask for unless given. */
  readonly openStorage?: OpenStorage
  /** What the other processes of this server have measured, where there are any. */
  readonly othersFigures?: () => Promise<readonly Figures[]>
}

/** Everything that answers requests, with what keeps it going. */
export interface Assembled {
  readonly service: Service
  /** From now on the service says that it is not ready, and why. It goes on answering, but lets nobody wait. */
  turnAway(reason: string): void
  /** Writes what is held in memory and lets go of the data directory. To be called when no request is under way. */
  close(): Promise<void>
}

/**
 * Puts the service together: the one place where its parts are made and where timers run.
 * @throws OperatorError when a file that the settings name cannot be used.
 * @throws StorageError when the data directory is in use, or holds what this release cannot open.
 */
export async function assemble(settings: Settings, ring: KeyRing, surroundings: Surroundings): Promise<Assembled> {
  const { log, clock: ownClock = systemClock, random = (count) => randomBytes(count) } = surroundings
  const { openStorage = openAsked, othersFigures } = surroundings
  const singleSignOn = openSingleSignOn(settings, ownClock)
  const keys = deriveKeys(ring)
  const metrics = new Metrics(othersFigures)
  const storage = await openStorage({
    settings,
    ring,
    random,
    onDamaged: firstTimes((row) => log.error({ row }, 'row damaged: it is treated as absent')),
    onFault: (fault) => log.error({ fault }, 'storage at fault'),
    onWritten: (written) => metrics.written(written),
  })
  const instanceId = randomBase62(instanceIdLength, random)
  const instance =
    storage.shared &&
    makeInstance({
      id: instanceId,
      shared: storage.shared,
      clock: ownClock,
      timer: systemTimer,
      verifiers: () => feed.state,
      onLooked: (others) => feed.watch(others),
      onPassed: (tookMs) => metrics.barrierPassed(tookMs),
      onTrouble: (error) => log.debug({ err: error }, 'the other instances cannot be reached'),
      onPutBack: (applied) => {
        metrics.databasePutBack()
        log.error({ applied: formatPosition(applied) }, 'the database was put back to a state before what was applied')
      },
    })
  const clock = instance?.clock ?? ownClock
  const memory = new Memory<PreparedAnswer>(rememberedMax)
  const source = storage.shared === undefined ? storage.source : instance!.source
  const freshness = new Freshness(source.position(), memory, instance)
  source.follow(freshness)
  const feed = new Feed(source.position(), {
    clock,
    history: storage.shared === undefined ? storage.history : storage.shared.feed,
    isLeased: () => freshness.mayAnswer(),
    others: () => instance?.others() ?? Promise.resolve([]),
  })
  source.follow(feed)
  await instance?.join()
  const rates = await openRates(settings.redisUrl, {
    log,
    clock,
    timer: systemTimer,
    ...(storage.countTogether && { connect: storage.countTogether }),
    ...(instance && { liveInstances: () => instance.count }),
  })
  const ports: Ports = {
    ...storage,
    log: traceCommits(storage.log),
    clock,
    random,
    keys,
    freshness,
    passwords: argon2Passwords(random),
    onceGate: new OnceGate(),
    attempts: attemptCounters(),
    rates: rates.counter,
    tokenPrefix: settings.tokenPrefix,
  }
  const rekeying = new Rekeying(
    (token, presented) => rekey(ports, token, presented),
    (error) => log.warn({ err: error }, 'token not moved to the current master key'),
  )
  const verifier = new Verifier<PreparedAnswer>({
    tokens: ports.tokens,
    keys,
    clock,
    memory,
    freshness,
    fingerprint: processFingerprint(random),
    prepare: prepareAnswer,
    onFirstUse: (token, peer) => noteFirstUse(ports, token, peer),
    onOldDigest: (token, presented) => rekeying.note(token, presented),
  })
  const uses = new UseRecorder()
  const usage = new UsageRecorder()
  const budget = new UseBudget(ports.tokens)
  const retiredUses = new RetiredUses()
  const spending = new Spending({
    budget,
    rates: ports.rates,
    uses,
    usage,
    clock,
    onRetiredSecret(token, peer) {
      const noted = retiredUses.note(ports, token, peer)
      noted.catch((error: unknown) => log.warn({ err: error }, 'use of a retired secret not noted'))
    },
  })
  let unready: string | undefined
  let leaving: Promise<void> | undefined
  const exposures = new ExposureLog()
  if (settings.metrics !== 'off') {
    metrics.watch({ usage, verifier, memory, freshness, instance, feed, rates, statistics: () => storage.statistics() })
  }
  const service: Service = {
    settings,
    ports,
    verifier,
    spending,
    uses,
    exposures,
    feed,
    metrics,
    singleSignOn,
    log,
    running: {
      instanceId,
      startedAt: clock.now(),
      keyIds: ring.ids,
      instanceCount: () => instance?.count ?? 1,
      describeDatabase: () => storage.describe(),
    },
    unreadyBecause: () => unready ?? storage.unreadyBecause() ?? instance?.unreadyBecause(),
  }
  const writeObserved = async (): Promise<void> => {
    const failing = (what: string) => (error: unknown) => log.warn({ err: error }, `${what} not written`)
    await Promise.all([
      writeGathered(uses, usesTakenMax, (taken) => ports.tokens.recordUses(taken), failing('uses')),
      writeGathered(usage, usageTakenMax, (taken) => ports.usage.add(taken), failing('usage')),
    ])
  }
  const ticking = setInterval(() => feed.tick(), feedTickMs)
  const timers = [
    every(secondMs, writeObserved),
    every(secondMs, () => takeBackupNotes(ports, settings, log)),
    every(hourMs, () => tidyUp(ports, settings, log), minuteMs),
  ]
  return {
    service,
    turnAway(reason) {
      unready = reason
      feed.close()
      // From here on no barrier waits for this instance; what it still has to answer it asks the database.
      leaving = instance?.leave()
    },
    async close() {
      clearInterval(ticking)
      await (leaving ?? instance?.leave())
      await Promise.all([...timers.map((timer) => timer.stop()), rekeying.stop()])
      await writeObserved()
      await budget.close()
      rates.close()
      await instance?.close()
      await storage.close()
    },
  }
}

const damagedRowsMax = 10_000

/** Passes each damaged row on the first time that it is met, since whoever presents its token can do so all day. */
function firstTimes(tell: (row: DamagedRow) => void): (row: DamagedRow) => void {
  const told = new Set<string>()
  return (row) => {
    const name = `${row.table} ${row.id}`
    if (told.has(name) || told.size >= damagedRowsMax) return
    told.add(name)
    tell(row)
  }
}

/** What gathers in memory until it is written. */
interface Gathered<Item> {
  take(): Item[]
  giveBack(items: readonly Item[]): void
}

/** Writes what has gathered, so many at once. What cannot be written is kept for the next time. */
async function writeGathered<Item>(
  gathered: Gathered<Item>,
  atOnceMax: number,
  write: (items: readonly Item[]) => Promise<void>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  for (let isMore = true; isMore;) {
    const taken = gathered.take()
    if (taken.length === 0) return
    isMore = taken.length === atOnceMax
    try {
      await write(taken)
    } catch (error) {
      gathered.giveBack(taken)
      onFailure(error)
      return
    }
  }
}

/** Removes what nobody can ask about any more. */
async function tidyUp(ports: Ports, { usageDays }: Settings, log: Logger): Promise<void> {
  try {
    const overdue = await endOverdue(ports)
    const forgotten = await forgetEnded(ports)
    const now = ports.clock.now()
    await ports.housekeeping.removeOutdated(now)
    await ports.usage.forgetBefore(now - usageDays * dayMs)
    await ports.tokens.forgetAddressesBefore(now - Math.min(usageDays * dayMs, addressesKeptMs))
    log.debug({ overdue, forgotten }, 'tidied up')
  } catch (error) {
    log.warn({ err: error }, 'not tidied up')
  }
}

interface Timer {
  /** Resolves when the work that is under way has ended; none begins afterwards. */
  stop(): Promise<void>
}

/** Repeats work that never throws. The next time is counted from its end, so that it never meets itself. */
function every(intervalMs: number, work: () => Promise<void>, firstAfterMs = intervalMs): Timer {
  let running = Promise.resolve()
  let isStopped = false
  let timer = setTimeout(run, firstAfterMs)
  function run(): void {
    running = workAndRepeat()
  }
  async function workAndRepeat(): Promise<void> {
    await work()
    if (!isStopped) timer = setTimeout(run, intervalMs)
  }
  return {
    stop() {
      isStopped = true
      clearTimeout(timer)
      return running
    },
  }
}
