import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import type { JointRates, RateBucket, RateOutcome } from '@chatelaine/core'
import { openRedisRates } from '@chatelaine/storage/redis'
import { Secret } from '@chatelaine/token'
import { startRedis, withoutRedis, type RunningRedis } from '../services/redis.ts'
import { systemClock, systemTimer } from '../../packages/server/src/clock.ts'
import { undisturbed } from '../services/undisturbed.ts'

const instanceCount = 4
const hourly = { limit: 100, windowSeconds: 3_600 }

/** What promise 5 lets a loss of Redis admit at most, in one window. */
const admittedMax = 2 * hourly.limit

/** From the moment at which Redis is there again. */
const recoveryMsMax = 5_000

/** The counter of one instance. */
interface Instance {
  readonly rates: JointRates
  /** What it said: `lost`, `back`. */
  readonly said: string[]
  /** Resolves when rates are counted together again. */
  back(): Promise<void>
}

async function openInstance(context: TestContext, url: Secret): Promise<Instance> {
  const said: string[] = []
  let onBack = (): void => undefined
  const rates = await openRedisRates({
    timer: systemTimer,
    url,
    clock: systemClock,
    liveInstances: () => instanceCount,
    onLost: () => said.push('lost'),
    onBack: () => {
      said.push('back')
      onBack()
    },
  })
  context.after(() => rates.close())
  return {
    rates,
    said,
    back: () => (rates.statistics.isByShares ? new Promise((resolve) => (onBack = resolve)) : Promise.resolve()),
  }
}

async function openInstances(context: TestContext): Promise<{ redis: RunningRedis; instances: readonly Instance[] }> {
  const redis = await startRedis()
  context.after(() => redis.stop())
  return {
    redis,
    instances: await Promise.all(Array.from({ length: instanceCount }, () => openInstance(context, redis.url))),
  }
}

/** Asks all instances in turn, so many at once, and answers how many were admitted. */
async function admittedOf(
  instances: readonly Instance[],
  bucket: RateBucket,
  requests: number,
  { atOnce = 200 } = {},
): Promise<number> {
  let admitted = 0
  for (let asked = 0; asked < requests; asked += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, requests - asked) }, (_, index) =>
      takeOne(instances[(asked + index) % instances.length]!, bucket),
    )
    admitted += (await Promise.all(some)).filter((outcome) => outcome.admitted).length
  }
  return admitted
}

async function takeOne({ rates }: Instance, bucket: RateBucket): Promise<RateOutcome> {
  return rates.take([bucket], 1, Date.now())
}

async function msUntilBack(instances: readonly Instance[]): Promise<number> {
  const beganAt = performance.now()
  await Promise.all(instances.map((instance) => instance.back()))
  return performance.now() - beganAt
}

describe('rates over four instances', { skip: withoutRedis }, () => {
  test('admit exactly the limit of what they are asked together', async (context) => {
    const { instances } = await openInstances(context)
    const lossesCount = () => instances.reduce((sum, { rates }) => sum + rates.statistics.losses, 0)
    let key = 0
    await undisturbed(lossesCount, async () => {
      await msUntilBack(instances)
      assert.equal(await admittedOf(instances, { key: `tok_${(key += 1)}`, rate: hourly }, 8_000), 100)
    })
  })

  test('admit at most twice the limit when Redis ends and comes back empty, and count together again within 5 s', async (context) => {
    const { redis, instances } = await openInstances(context)
    const bucket = { key: 'tok_a', rate: hourly }
    let admitted = await admittedOf(instances, bucket, 1_000)
    await redis.kill()
    admitted += await admittedOf(instances, bucket, 1_000)
    await redis.restart()
    const recovering = msUntilBack(instances)
    admitted += await admittedOf(instances, bucket, 1_000)
    assert.ok((await recovering) <= recoveryMsMax)
    admitted += await admittedOf(instances, bucket, 1_000)
    assert.ok(admitted <= admittedMax, `${admitted} were admitted`)
    assert.equal(await admittedOf(instances, { key: 'tok_b', rate: hourly }, 1_000), 100)
    for (const { said } of instances) assert.deepEqual(said, ['lost', 'back'])
  })

  test('tell Redis of what one instance alone admitted meanwhile', async (context) => {
    const { redis, instances } = await openInstances(context)
    const bucket = { key: 'tok_a', rate: hourly }
    await redis.kill()
    assert.equal(await admittedOf(instances.slice(0, 1), bucket, 100), 25)
    await redis.restart()
    await msUntilBack(instances)
    assert.equal(await admittedOf(instances.slice(1), bucket, 1_000), 75)
  })

  test('are answered at once while Redis is frozen, by shares, and admit at most twice the limit', async (context) => {
    const { redis, instances } = await openInstances(context)
    const bucket = { key: 'tok_a', rate: hourly }
    const healthyMs = await p99Ms(instances, { key: 'tok_b', rate: hourly })
    let admitted = await admittedOf(instances, bucket, 1_000)
    redis.freeze()
    context.after(() => redis.thaw())
    const beganAt = performance.now()
    admitted += await admittedOf(instances, bucket, instanceCount)
    assert.ok(performance.now() - beganAt < 250, 'whoever finds it frozen waits for its deadline')
    const frozenMs = await p99Ms(instances, { key: 'tok_b', rate: hourly })
    assert.ok(frozenMs <= healthyMs + 10, `p99 was ${healthyMs} ms, and is ${frozenMs} ms`)
    admitted += await admittedOf(instances, bucket, 1_000)
    for (const { rates } of instances) assert.deepEqual(rates.statistics, { isByShares: true, losses: 1 })
    redis.thaw()
    assert.ok((await msUntilBack(instances)) <= recoveryMsMax)
    admitted += await admittedOf(instances, bucket, 1_000)
    assert.ok(admitted <= admittedMax, `${admitted} were admitted`)
  })

  test('admit at most twice the limit when Redis is emptied, and nobody is refused for it', async (context) => {
    const { redis, instances } = await openInstances(context)
    const lossesCount = () => instances.reduce((sum, { rates }) => sum + rates.statistics.losses, 0)
    let key = 0
    await undisturbed(lossesCount, async () => {
      await msUntilBack(instances)
      const bucket = { key: `tok_${(key += 1)}`, rate: hourly }
      const saidBefore = instances.map(({ said }) => said.length)
      const before = await admittedOf(instances, bucket, 1_000)
      await redis.flush()
      assert.equal(before + (await admittedOf(instances, bucket, 1_000)), admittedMax)
      assert.deepEqual(
        instances.map(({ said }) => said.length),
        saidBefore,
      )
    })
  })
})

async function p99Ms(instances: readonly Instance[], bucket: RateBucket): Promise<number> {
  const tookMs: number[] = []
  for (let asked = 0; asked < 1_000; asked += 1) {
    const beganAt = performance.now()
    await takeOne(instances[asked % instances.length]!, bucket)
    tookMs.push(performance.now() - beganAt)
  }
  return tookMs.toSorted((a, b) => a - b)[990]!
}

test('a Redis that turns everybody away is tried again twice a second, however many ask', async (context) => {
  let attempts = 0
  const server = createServer((socket) => {
    attempts += 1
    socket.destroy()
  }).listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const beganAt = performance.now()
  const instance = await openInstance(context, new Secret(`redis://127.0.0.1:${port}`))
  assert.deepEqual(instance.said, ['lost'])
  await once(server, 'connection')
  const admitted = await admittedOf([instance], { key: 'tok_a', rate: hourly }, 20_000)
  assert.equal(admitted, 25)
  await once(server, 'connection')
  assert.ok(attempts <= 1 + (performance.now() - beganAt) / 500, `${attempts} attempts`)
})
