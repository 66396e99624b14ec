// `node tests/sdk/many-verifiers.test.ts 20 2000` for twenty services and two thousand revocations.

import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { createClient } from '@chatelaine/sdk'
import { openDeployment } from '../http/deployment.ts'
import type { VerifyingAsked, VerifyingSeen } from './verifying.ts'

const [serviceCount = 4, revocationCount = 100] = process.argv.slice(2).map(Number)
const leaseMs = 5_000
const goodCount = 5
const atOnce = 10
/** Fewer than an account may have. */
const tokensPerOwner = 500

test('whatever many services verify meanwhile, none accepts a token beyond the lease after its revocation, or calls a good one bad', async (t) => {
  const deployment = await openDeployment()
  const children = Array.from({ length: serviceCount }, () => fork(new URL('verifying.ts', import.meta.url)))
  try {
    const { accounts, tokens } = createClient({ url: deployment.origin, token: deployment.root, deadlineMs: 60_000 })
    const count = revocationCount + goodCount
    const owners = await inParallel(Math.ceil(count / tokensPerOwner), (at) =>
      accounts.create({ username: `owner-${at}` }),
    )
    const issued = await inParallel(count, (at) => {
      return tokens.create({ account_id: owners[Math.floor(at / tokensPerOwner)]!.id })
    })
    const doomed = issued.slice(0, revocationCount)
    const asked: VerifyingAsked = {
      url: deployment.origin,
      managerToken: deployment.root,
      leaseMs,
      doomed: doomed.map(({ token }) => token.reveal()),
      good: issued.slice(revocationCount).map(({ token }) => token.reveal()),
    }
    await Promise.all(
      children.map((child) => {
        child.send(asked)
        return once(child, 'message')
      }),
    )

    const answeredAt = await inParallel(revocationCount, async (at) => {
      await tokens.revoke(doomed[at]!.id)
      return process.hrtime.bigint()
    })
    const seen = await Promise.all(
      children.map(async (child) => {
        child.send('end')
        const [said] = (await once(child, 'message')) as [VerifyingSeen]
        return said
      }),
    )
    const latenessMs = seen.flatMap(({ lastAcceptedAt }) =>
      lastAcceptedAt.map((text, at) => Number(BigInt(text) - answeredAt[at]!) / 1_000_000),
    )
    latenessMs.sort((a, b) => a - b)
    const p99Ms = latenessMs[Math.floor(latenessMs.length * 0.99)]!
    const worstMs = latenessMs.at(-1)!
    const medianMs = latenessMs[Math.floor(latenessMs.length / 2)]!
    t.diagnostic(
      `last accept after the answer: median ${medianMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, worst ${worstMs.toFixed(1)} ms`,
    )
    assert.ok(worstMs <= leaseMs, `a token was accepted ${worstMs} ms after its revocation was answered`)
    assert.deepEqual([...new Set(seen.flatMap(({ ofGood }) => ofGood))], ['valid'])
  } finally {
    for (const child of children) child.kill()
    await deployment.close()
  }
})

async function inParallel<T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> {
  const made: T[] = Array.from({ length: count })
  let next = 0
  const workers = Array.from({ length: atOnce }, async () => {
    for (let at = next++; at < count; at = next++) made[at] = await make(at)
  })
  await Promise.all(workers)
  return made
}
