import { after, before } from 'node:test'
import { RedisRates } from '@chatelaine/storage/redis'
import { startRedis, withoutRedis, type RunningRedis } from '../services/redis.ts'
import { describeRateCounter } from './rate-counter.ts'

let redis: RunningRedis
before(async () => {
  if (withoutRedis === false) redis = await startRedis()
})
after(() => redis?.stop())

describeRateCounter(
  async (context) => {
    const rates = await RedisRates.open({
      url: redis.url,
      clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
      liveInstances: () => 1,
      // By shares it would keep every promise too, but not in Redis.
      onLost: (fault) => {
        throw new Error(fault)
      },
      onBack: () => undefined,
      time: 'caller',
    })
    context.after(() => rates.close())
    return rates
  },
  { skip: withoutRedis },
)
