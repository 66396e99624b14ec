import type { UsageCount } from '@chatelaine/core'
import { allUsage, deploymentOwner } from '../schema.ts'
import { run, runOne, type Steps } from '../steps.ts'

const addSum = `
  INSERT INTO usage (scope, hour, code, count, owner) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (scope, hour, code) DO UPDATE SET count = usage.count + excluded.count`

interface Sum {
  readonly scope: string
  readonly hourAt: number
  readonly code: string
  readonly owner: string | null
  count: number
}

/** Adds what was counted to the sums of the token, of its owner and of everything. No entry in the log. */
export function* addUsage(counts: readonly UsageCount[]): Steps<void> {
  for (const { scope, hourAt, code, count, owner } of sumsOf(counts)) {
    yield* runOne(addSum, scope, hourAt, code, count, owner)
  }
}

/** Each sum once, however many of the counts belong to it. */
function sumsOf(counts: readonly UsageCount[]): Iterable<Sum> {
  const sums = new Map<string, Sum>()
  const add = (scope: string, { hourAt, code, count }: UsageCount, owner: string | null): void => {
    const name = `${scope} ${hourAt} ${code}`
    const sum = sums.get(name)
    if (sum === undefined) sums.set(name, { scope, hourAt, code, count, owner })
    else sum.count += count
  }
  for (const counted of counts) {
    const { tokenId, ownerId } = counted
    add(allUsage, counted, null)
    if (ownerId !== null) add(ownerId, counted, null)
    if (tokenId !== null) add(tokenId, counted, ownerId ?? deploymentOwner)
  }
  return sums.values()
}

/** Sums that one request removes, so that no commit waits long behind it. */
const removedAtOnceMax = 500

/** Answers how many were removed; 0 when there is nothing left to remove. */
export function* removeUsage(before: number): Steps<number> {
  return yield* run(
    `DELETE FROM usage WHERE (scope, hour, code) IN
      (SELECT scope, hour, code FROM usage WHERE hour < ? LIMIT ${removedAtOnceMax})`,
    before,
  )
}
