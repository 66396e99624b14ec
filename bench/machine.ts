import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** What the figures depend on. No host name: it tells a reader nothing. */
export function describeMachine(): string {
  const [cpu] = cpus()
  // Without what whoever built the kernel added to its version.
  const [kernel] = release().split('-')
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  const { node, sqlite } = process.versions
  return `${availableParallelism()} cores of ${cpu?.model ?? 'an unknown processor'}, ${memoryGiB} GiB, ${type()} ${kernel}, Node ${node}, SQLite ${sqlite}`
}
