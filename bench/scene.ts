import type { FilledData } from './filled-data.ts'
import { measure, type Measurable, type Measurement } from './measure.ts'
import type { StreamPlan } from './load/plan.ts'

/** How many tokens a small deployment has, and how many are asked about in a large one. */
export const fewTokens = 1_000

/** What every row of the table is given. */
export interface Scene {
  readonly roundCount: number
  /** How long each contender is measured in each round. */
  readonly measuredMs: number
  readonly warmUpMs: number
  /** How many tokens a large deployment has. */
  readonly manyTokens: number
  /** A new data directory with so many tokens. It is gone when the benchmark ends. */
  dataWith(tokenCount: number): Promise<FilledData>
  /** An empty directory that is gone when the benchmark ends. */
  emptyDirectory(): string
}

/**
 * Measures one round of one contender.
 * @throws Error when an answer was not the expected one: a figure made of refusals is worth nothing.
 */
export async function measureRound(
  { warmUpMs, measuredMs }: Pick<Scene, 'warmUpMs' | 'measuredMs'>,
  server: Measurable,
  ...streams: StreamPlan[]
): Promise<Measurement> {
  const measurement = await measure(server, { warmUpMs, measuredMs, streams })
  for (const [at, { errorCount, firstError }] of measurement.streams.entries()) {
    if (errorCount > 0) throw new Error(`${errorCount} errors at ${streams[at]!.path}, the first: ${firstError}`)
  }
  return measurement
}
