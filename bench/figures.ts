import type { Measurement } from './measure.ts'

/** What was measured of a contender's first stream, round by round. */
export const perSecond = (rounds: readonly Measurement[]) => rounds.map(({ streams }) => streams[0]!.perSecond)
export const p50Ms = (rounds: readonly Measurement[]) => rounds.map(({ streams }) => streams[0]!.latency.p50Ms)
export const p99Ms = (rounds: readonly Measurement[]) => rounds.map(({ streams }) => streams[0]!.latency.p99Ms)

/** Processor time of the whole server for each answer, round by round. */
export const cpuMicros = (rounds: readonly Measurement[]) => rounds.map(({ cpu }) => cpu.processMicrosEach)
