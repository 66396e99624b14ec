/** One metric of the server itself. None has a token, an account or an address in a label. */
export interface Row {
  readonly name: `chatelaine_${string}`
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** One sentence, as `/metrics` and the reference give it. */
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets, in seconds. */
  readonly buckets?: readonly number[]
  /** What a gauge of several processes is: the sum of theirs unless it is said. */
  readonly together?: 'max' | 'min'
}

/** Every metric of the server itself, in the order of the reference. */
export const metricsTable = {
  verifications: {
    name: 'chatelaine_verifications_total',
    type: 'counter',
    help: 'Verifications by how they ended, those that authenticated a request included.',
    labels: ['code'],
  },
  verificationDuration: {
    name: 'chatelaine_verification_duration_seconds',
    type: 'histogram',
    help: 'From the head of a request for a verification to the end of its answer; one request in 64 is timed.',
    labels: ['route'],
    buckets: [0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  },
  memoryHits: {
    name: 'chatelaine_memory_hits_total',
    type: 'counter',
    help: 'Verifications that were answered from memory.',
    labels: [],
  },
  memoryMisses: {
    name: 'chatelaine_memory_misses_total',
    type: 'counter',
    help: 'Verifications that had to read the database.',
    labels: [],
  },
  memoryTokens: {
    name: 'chatelaine_memory_tokens',
    type: 'gauge',
    help: 'Tokens that are remembered; a token counts once for each project that it is asked about.',
    labels: [],
  },
  coldReads: {
    name: 'chatelaine_cold_reads',
    type: 'gauge',
    help: 'Reads of tokens that are under way.',
    labels: [],
  },
  writerQueue: {
    name: 'chatelaine_writer_queue_requests',
    type: 'gauge',
    help: 'Requests that wait to be written, or are being written.',
    labels: [],
  },
  commitDuration: {
    name: 'chatelaine_commit_duration_seconds',
    type: 'histogram',
    help: 'How long a commit took with its flush to the disk; one commit writes whatever has gathered.',
    labels: [],
    buckets: [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  revocationLag: {
    name: 'chatelaine_revocation_lag_seconds',
    type: 'histogram',
    help: 'From the commit of what takes away to the moment at which the memory had applied it.',
    labels: [],
    buckets: [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
  },
  barrierDuration: {
    name: 'chatelaine_barrier_duration_seconds',
    type: 'histogram',
    help: 'How long the answer to what takes away was held up for the memories of other instances.',
    labels: [],
    buckets: [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5],
  },
  instances: {
    name: 'chatelaine_instances',
    type: 'gauge',
    help: 'Instances or processes that answer for the same database, as this one sees them; 1 where it is alone.',
    together: 'max',
    labels: [],
  },
  leaseHeld: {
    name: 'chatelaine_lease_held',
    type: 'gauge',
    help: 'Whether verifications are answered from memory, 0 or 1; it is 0 while the log of changes cannot be read in time.',
    together: 'min',
    labels: [],
  },
  logLag: {
    name: 'chatelaine_log_lag_seconds',
    type: 'gauge',
    help: 'How long ago the log of changes was read to its end; 0 where this process is the only one that writes it.',
    together: 'max',
    labels: [],
  },
  followers: {
    name: 'chatelaine_feed_followers',
    type: 'gauge',
    help: 'Verifiers outside the server that follow the log of changes here; one that falls silent counts for two minutes.',
    labels: [],
  },
  waitingFollowers: {
    name: 'chatelaine_feed_waiting',
    type: 'gauge',
    help: 'Those of them that wait for what is new at this moment.',
    labels: [],
  },
  waitingForFollowers: {
    name: 'chatelaine_feed_settling',
    type: 'gauge',
    help: 'Requests that are held up until those verifiers know of what was taken away.',
    labels: [],
  },
  rateCounters: {
    name: 'chatelaine_rate_counters',
    type: 'gauge',
    help: 'Rates that are counted by this process itself at the moment.',
    labels: [],
  },
  ratesByShares: {
    name: 'chatelaine_rates_by_shares',
    type: 'gauge',
    help: 'Whether each instance enforces its own share of every rate, 0 or 1: what counts for several is out of reach or has just come back, or there is nothing that does.',
    together: 'max',
    labels: [],
  },
  putBacks: {
    name: 'chatelaine_database_put_back_total',
    type: 'counter',
    help: 'How often the database was found put back to an earlier state while this instance ran.',
    labels: [],
  },
  rateCounterLosses: {
    name: 'chatelaine_rate_counter_losses_total',
    type: 'counter',
    help: 'How often what counts rates for several instances or processes went out of reach.',
    labels: [],
  },
  requests: {
    name: 'chatelaine_http_requests_total',
    type: 'counter',
    help: 'Requests by route, as the API describes it, and by the status of the answer.',
    labels: ['method', 'route', 'status'],
  },
  requestDuration: {
    name: 'chatelaine_http_request_duration_seconds',
    type: 'histogram',
    help: 'From the head of a request to the head of its answer, for everything but verifications.',
    labels: ['route'],
    buckets: [0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  },
} as const satisfies Record<string, Row>

export type MetricName = keyof typeof metricsTable
