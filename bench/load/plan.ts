// What the load generator is told and what it answers. Both cross a process boundary, so they are plain data.

export interface LoadPlan {
  readonly port: number
  /** Sent and answered, but not counted. */
  readonly warmUpMs: number
  readonly measuredMs: number
  /** What is sent at the same time. */
  readonly streams: readonly StreamPlan[]
}

/** Requests of one kind. */
export interface StreamPlan {
  readonly path: string
  readonly authorization: string
  /** JSON bodies, sent in turn, and from the first again after the last. */
  readonly bodies: readonly string[]
  /** Every body is sent once; the stream is over when there are no more. */
  readonly isOnce?: boolean
  readonly connections: number
  /** Sends so many a second, whether answers come or not. Without it each connection sends when its answer is there. */
  readonly perSecond?: number
  /** What an answer begins with, after its header, when it is the one that was expected. */
  readonly expected: string
}

/** What became of one stream while it was measured. */
export interface StreamResult {
  readonly answeredCount: number
  readonly perSecond: number
  /** Answers that were not 2xx or did not begin as expected, and connections that broke. */
  readonly errorCount: number
  /** How the first error looked. */
  readonly firstError: string | undefined
  readonly latency: Latency
}

/** From the moment when a request was due to the moment when its whole answer was there. */
export interface Latency {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}
