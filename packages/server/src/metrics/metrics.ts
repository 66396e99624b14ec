import type { ServerResponse } from 'node:http'
import { routes } from '@chatelaine/api'
import { irodsAuthPath } from '@chatelaine/api/wires'
import type { FeedStatistics, UsageRecorder, VerifierStatistics } from '@chatelaine/core'
import type { SqliteStatistics, Written } from '@chatelaine/storage/sqlite'
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { RateStatistics } from '../rates.ts'
import { metricsTable, type MetricName, type Row } from './table.ts'

/** The routes that are answered before any router. */
const hotRoutes = {
  verifyToken: routes.verifyToken,
  introspectToken: routes.introspectToken,
  forwardAuth: routes.forwardAuth,
  irodsAuth: { method: 'GET', path: irodsAuthPath },
} as const

export type HotRoute = keyof typeof hotRoutes

/** One verification in so many is timed, so that measuring costs the others nothing. */
const timedEvery = 64

/** Where the figures come from that are read when somebody asks for them. */
export interface Sources {
  readonly usage: Pick<UsageRecorder, 'totals'>
  readonly verifier: { readonly statistics: VerifierStatistics }
  readonly memory: { readonly size: number }
  readonly freshness: { mayAnswer(): boolean }
  /** Only where several answer for one database. */
  readonly instance: { readonly count: number; readonly lagMs: number } | undefined
  readonly feed: { readonly statistics: FeedStatistics }
  readonly rates: { readonly statistics: RateStatistics }
  readonly statistics: () => SqliteStatistics
}

export interface AnsweredRequest {
  readonly method: string
  /** The pattern of the route, never the path that was asked for. */
  readonly route: string
  readonly status: number
  /** `undefined` where it was not timed. */
  readonly tookMs: number | undefined
}

/** The rows that have buckets. */
type HistogramName = 'requestDuration' | 'verificationDuration' | 'commitDuration' | 'revocationLag' | 'barrierDuration'

const secondsPerMs = 1 / 1_000
const secondsPerNs = 1 / 1_000_000_000

/** What one process has measured, in a form that can be sent to another and added up there. */
export type Figures = readonly object[]

/** What is measured of one server, in the form that Prometheus reads. */
export class Metrics {
  readonly #others: (() => Promise<readonly Figures[]>) | undefined
  readonly #registry = new Registry()
  readonly #requests = this.#counter('requests')
  readonly #putBacks = this.#counter('putBacks')
  readonly #requestDuration = this.#histogram('requestDuration')
  readonly #verificationDuration = this.#histogram('verificationDuration')
  readonly #commitDuration = this.#histogram('commitDuration')
  readonly #revocationLag = this.#histogram('revocationLag')
  readonly #barrierDuration = this.#histogram('barrierDuration')
  #begun = 0
  /** How many of each were answered 200. Counted by hand, since a labelled counter costs more than the answer. */
  readonly accepted: Record<HotRoute, number> = { verifyToken: 0, introspectToken: 0, forwardAuth: 0, irodsAuth: 0 }

  /** @param others what the other processes of this server have measured; only where there are any */
  constructor(others?: () => Promise<readonly Figures[]>) {
    this.#others = others
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** To be called once, when there is something to read from. */
  watch({ usage, verifier, memory, freshness, instance, feed, rates, statistics }: Sources): void {
    collectDefaultMetrics({ register: this.#registry })
    this.#counter('verifications', (counter) => {
      for (const [code, count] of usage.totals()) counter.inc({ code }, count)
    })
    this.#counter('memoryHits', (counter) => counter.inc(verifier.statistics.recalled))
    this.#counter('memoryMisses', (counter) => counter.inc(verifier.statistics.lookedUp))
    this.#gauge('memoryTokens', () => memory.size)
    this.#gauge('coldReads', () => verifier.statistics.readsUnderWay)
    this.#gauge('writerQueue', () => statistics().pendingCommits)
    this.#gauge('instances', () => instance?.count ?? 1)
    this.#gauge('leaseHeld', () => Number(freshness.mayAnswer()))
    this.#gauge('logLag', () => (instance?.lagMs ?? 0) * secondsPerMs)
    this.#gauge('followers', () => feed.statistics.followers)
    this.#gauge('waitingFollowers', () => feed.statistics.waiting)
    this.#gauge('waitingForFollowers', () => feed.statistics.settling)
    this.#gauge('rateCounters', () => rates.statistics.counters)
    this.#gauge('ratesByShares', () => Number(rates.statistics.isByShares))
    this.#counter('rateCounterLosses', (counter) => counter.inc(rates.statistics.losses))
  }

  /** To be called when a request for a verification has arrived. */
  verificationBegan(route: HotRoute, response: ServerResponse): void {
    this.#begun += 1
    if (this.#begun % timedEvery !== 1) return
    const labels = { route: hotRoutes[route].path }
    const beganNs = process.hrtime.bigint()
    response.once('finish', () => {
      this.#verificationDuration.observe(labels, Number(process.hrtime.bigint() - beganNs) * secondsPerNs)
    })
  }

  requestAnswered({ method, route, status, tookMs }: AnsweredRequest): void {
    this.#requests.inc({ method, route, status })
    if (tookMs !== undefined) this.#requestDuration.observe({ route }, tookMs * secondsPerMs)
  }

  written({ commitMs, takingAppliedMs }: Written): void {
    this.#commitDuration.observe(commitMs * secondsPerMs)
    if (takingAppliedMs !== undefined) this.#revocationLag.observe(takingAppliedMs * secondsPerMs)
  }

  databasePutBack(): void {
    this.#putBacks.inc()
  }

  barrierPassed(tookMs: number): void {
    this.#barrierDuration.observe(tookMs * secondsPerMs)
  }

  /** Everything that is known now, of all processes together. */
  async text(): Promise<string> {
    if (this.#others === undefined) {
      this.#countAccepted()
      return this.#registry.metrics()
    }
    const all = await Promise.all([this.figures(), this.#others()])
    return AggregatorRegistry.aggregate([all[0], ...all[1]]).metrics()
  }

  /** Everything that is known now of this process. */
  async figures(): Promise<Figures> {
    this.#countAccepted()
    return this.#registry.getMetricsAsJSON()
  }

  #countAccepted(): void {
    for (const [name, count] of Object.entries(this.accepted) as [HotRoute, number][]) {
      if (count === 0) continue
      const { method, path } = hotRoutes[name]
      this.#requests.inc({ method, route: path, status: 200 }, count)
      this.accepted[name] -= count
    }
  }

  #counter(name: MetricName, read?: (counter: Counter) => void): Counter {
    const { name: called, help, labels } = metricsTable[name]
    return new Counter({
      name: called,
      help,
      labelNames: labels,
      registers: [this.#registry],
      ...(read && {
        collect() {
          this.reset()
          read(this)
        },
      }),
    })
  }

  #gauge(name: MetricName, read: () => number): Gauge {
    const { name: called, help, labels, together }: Row = metricsTable[name]
    return new Gauge({
      ...(together && { aggregator: together }),
      name: called,
      help,
      labelNames: labels,
      registers: [this.#registry],
      collect() {
        this.set(read())
      },
    })
  }

  #histogram(name: HistogramName): Histogram {
    const { name: called, help, labels, buckets } = metricsTable[name]
    return new Histogram({ name: called, help, labelNames: labels, buckets: [...buckets], registers: [this.#registry] })
  }
}
