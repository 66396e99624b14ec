import type { Source } from './source.ts'

/** A place that is against a rule; `what` continues the sentence that the path of the file begins. */
export type Finding = { readonly line: number; readonly what: string }

/** A file that is not there, to show what a rule refuses or accepts. */
export type Sample = readonly [path: string, text: string]

/** One rule of the house: what it promises, how to find what breaks it, and samples that keep the finding honest. */
export type Rule = {
  /** The title of its test. */
  readonly promise: string
  /** What to do about a finding. */
  readonly remedy: string
  readonly find: (source: Source, all: ReadonlyMap<string, Source>) => Finding[]
  /** Each of these alone must give a finding. */
  readonly refuses: readonly Sample[]
  /** None of these may: the near misses. */
  readonly accepts: readonly Sample[]
}
