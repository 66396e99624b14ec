import { after, before } from 'node:test'
import { openRedisRates } from '@chatelaine/storage/redis'
import { startRedis, withoutRedis, type RunningRedis } from '../services/redis.ts'
import { systemClock, systemTimer } from '../../packages/server/src/clock.ts'
import { describeRateCounter } from './rate-counter.ts'

let redis: RunningRedis
before(async () => {
  if (withoutRedis === false) redis = await startRedis()
})
after(() => redis?.stop())

describeRateCounter(
  async (context) => {
    const rates = await openRedisRates({
      timer: systemTimer,
      url: redis.url,
      clock: systemClock,
      liveInstances: () => 1,
      // By shares it would keep every promise too, but not in Redis.
      onLost: (fault) => {
        throw new Error(fault)
      },
      onBack: () => undefined,
      time: 'caller',
      // What is promised about failures is tried elsewhere; here a busy machine is none.
      answerMsMax: 10_000,
    })
    context.after(() => rates.close())
    return rates
  },
  { skip: withoutRedis },
)
