import { MemoryRates, ShareRates, type Clock, type RateCounter } from '@chatelaine/core'
import { RedisRates } from '@chatelaine/storage/redis'
import type { Secret } from '@chatelaine/token'
import type { Logger } from 'pino'

/** Rates that are counted at once in this process; of more, the oldest counter begins anew. */
const ratesMax = 1_000_000

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
  readonly redisLosses: number
}

interface Surroundings {
  readonly log: Logger
  readonly clock: Clock
  /** How many instances answer at the moment, this one among them; not given where there can be one only. */
  readonly liveInstances?: () => number
}

/** Counts in Redis where there is one; else here: every rate if this is the only instance, and its share if not. */
export async function openRates(redisUrl: Secret | undefined, surroundings: Surroundings): Promise<Rates> {
  const { log, clock, liveInstances } = surroundings
  if (redisUrl !== undefined) return openRedisRates(redisUrl, surroundings)
  if (liveInstances === undefined) return countedHere(new MemoryRates(ratesMax), clock, false)
  log.warn('there is no Redis: each instance enforces its share of every rate')
  return countedHere(new ShareRates(ratesMax, liveInstances), clock, true)
}

async function openRedisRates(url: Secret, { log, clock, liveInstances = () => 1 }: Surroundings): Promise<Rates> {
  const counter = await RedisRates.open({
    url,
    clock,
    liveInstances,
    onLost: (error) =>
      log.error({ err: error }, 'Redis is out of reach: each instance enforces its share of every rate'),
    onBack: () => log.info('Redis is back: rates are counted together again'),
  })
  return {
    counter,
    get statistics() {
      const { isByShares, losses } = counter.statistics
      return { counters: counter.countAt(clock.now()), isByShares, redisLosses: losses }
    },
    close: () => counter.close(),
  }
}

function countedHere(counter: MemoryRates | ShareRates, clock: Clock, isByShares: boolean): Rates {
  return {
    counter,
    get statistics() {
      return { counters: counter.countAt(clock.now()), isByShares, redisLosses: 0 }
    },
    close: () => undefined,
  }
}
