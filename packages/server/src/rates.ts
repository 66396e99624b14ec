import {
  JointRates,
  MemoryRates,
  ShareRates,
  type Clock,
  type JointRatesOptions,
  type RateCounter,
  type Timer,
} from '@chatelaine/core'
import { openRedisRates } from '@chatelaine/storage/redis'
import type { Secret } from '@chatelaine/token'
import type { Logger } from 'pino'

/** Rates that are counted at once in this process; of more, the oldest counter begins anew. */
export const ratesMax = 1_000_000

/** What counts the rates of this process. */
export interface Rates {
  readonly counter: RateCounter
  readonly statistics: RateStatistics
  close(): void
}

export interface RateStatistics {
  /** Counters in this process that have not drained. */
  readonly counters: number
  readonly isByShares: boolean
  /** How often what counts for several was lost. */
  readonly losses: number
}

interface Surroundings {
  readonly log: Logger
  readonly clock: Clock
  readonly timer: Timer
  /** How many instances answer at the moment, this one among them; not given where there can be one only. */
  readonly liveInstances?: () => number
  /** Reaches what counts for all processes of one server. */
  readonly connect?: JointRatesOptions['connect']
}

/**
 * Counts in Redis where there is one, or where all processes of this server do; else here: every rate if this is the
 * only instance, and its share if not.
 */
export async function openRates(redisUrl: Secret | undefined, surroundings: Surroundings): Promise<Rates> {
  const { log, clock, timer, liveInstances = () => 1, connect } = surroundings
  const where = redisUrl === undefined ? 'the process that counts' : 'Redis'
  const options = {
    clock,
    timer,
    liveInstances,
    onLost: (fault: string) =>
      log.error({ fault }, `${where} is out of reach: each instance enforces its share of every rate`),
    onBack: () => log.info(`${where} is back: rates are counted together again`),
  }
  if (redisUrl !== undefined) return countedTogether(await openRedisRates({ ...options, url: redisUrl }), clock)
  if (connect !== undefined) return countedTogether(await JointRates.open({ ...options, connect }), clock)
  if (surroundings.liveInstances === undefined) return countedHere(new MemoryRates(ratesMax), clock, false)
  log.warn('there is no Redis: each instance enforces its share of every rate')
  return countedHere(new ShareRates(ratesMax, liveInstances), clock, true)
}

function countedTogether(counter: JointRates, clock: Clock): Rates {
  return {
    counter,
    get statistics() {
      const { isByShares, losses } = counter.statistics
      return { counters: counter.countAt(clock.now()), isByShares, losses }
    },
    close: () => counter.close(),
  }
}

function countedHere(counter: MemoryRates | ShareRates, clock: Clock, isByShares: boolean): Rates {
  return {
    counter,
    get statistics() {
      return { counters: counter.countAt(clock.now()), isByShares, losses: 0 }
    },
    close: () => undefined,
  }
}
