import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

/** What the figures depend on. No host name: it tells a reader nothing. */
export function describeMachine(): string {
  const [cpu] = cpus()
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  const { node, sqlite } = process.versions
  return `${availableParallelism()} cores of ${cpu?.model ?? 'an unknown processor'}, ${memoryGiB} GiB, ${type()} ${release()}, Node ${node}, SQLite ${sqlite}`
}
