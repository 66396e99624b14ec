export { RedisRates, type RedisRatesOptions } from './rates.ts'
