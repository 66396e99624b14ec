import { MemoryRates } from '@chatelaine/core'
import { describeRateCounter } from './rate-counter.ts'

describeRateCounter(async () => new MemoryRates(1_000), { skip: false })
