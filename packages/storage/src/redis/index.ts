export { openRedisRates, type RedisRatesOptions } from './rates.ts'
