// What the load generator is told and what it answers. Both cross a process boundary, so they are plain data.

/** Where a server of this machine takes requests. */
export type Listener = { readonly port: number } | { readonly socketPath: string }

export interface LoadPlan {
  readonly listener: Listener
  /** Sent and answered, but not counted. */
  readonly warmUpMs: number
  readonly measuredMs: number
  /** What is sent at the same time. */
  readonly streams: readonly StreamPlan[]
}

/** Requests of one kind, sent in turn, and from the first again after the last. */
export type StreamPlan = (Posts | Gets) & Pace

/** One caller, who asks about many things. */
export interface Posts {
  readonly authorization: string
  /** In JSON. */
  readonly bodies: readonly string[]
}

/** Many callers, who all want the same. */
export interface Gets {
  readonly authorizations: readonly string[]
}

interface Pace {
  readonly path: string
  /** Every request is sent once; the stream is over when there are no more. */
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
