import { createHash } from 'node:crypto'
import {
  outcomeOf,
  standingOf,
  type EpochMs,
  type RateBucket,
  type RateLimit,
  type RateOutcome,
  type RateDebt,
} from '@chatelaine/core'

/**
 * What Redis runs, whole and alone: `admit`, `refund` and `drain` of core's rate.ts, number for number, since Lua counts in the
 * same doubles. A counter is text of four whole numbers, written with %.0f because Lua's own way keeps 14 digits, and is
 * gone when it has drained.
 *
 * `take` pours its cost into every bucket or into none, `give-back` takes what is left of it out again, and `tell` pours
 * in what was admitted elsewhere, up to the limit.
 */
const text = `
local order, cost = ARGV[1], tonumber(ARGV[2])
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function drained(key, limit, window)
  local stored = redis.call('GET', key) or ''
  local formerLimit, formerWindow, debt, at = string.match(stored, '^(%d+) (%d+) (%d+) (%d+)$')
  if not debt then return 0, now, true end
  formerLimit, formerWindow, debt, at = tonumber(formerLimit), tonumber(formerWindow), tonumber(debt), tonumber(at)
  local isSame = limit == formerLimit and window == formerWindow
  if not isSame then
    debt = math.min(limit * window * 1000, math.ceil(debt / formerWindow * window))
  end
  return math.max(0, debt - math.max(0, now - at) * limit), math.max(now, at), isSame
end

local function keep(key, limit, window, debt, at)
  local counter = string.format('%.0f %.0f %.0f %.0f', limit, window, debt, at)
  redis.call('SET', key, counter, 'PXAT', string.format('%.0f', at + math.max(1, math.ceil(debt / limit))))
end

local answer, counters, admitted = { now }, {}, true
for index, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[3 * index + 1]), tonumber(ARGV[3 * index + 2])
  local more = tonumber(ARGV[3 * index + 3])
  local debt, at, isSame = drained(key, limit, window)
  local capacity = limit * window * 1000
  if order == 'tell' then
    keep(key, limit, window, math.min(capacity, debt + more), at)
  elseif order == 'give-back' then
    if isSame then keep(key, limit, window, math.max(0, debt - more), at) end
  else
    local poured = debt + cost * window * 1000
    local wait = 0
    if poured > capacity then
      admitted = false
      wait = cost > limit and -1 or math.ceil((poured - capacity) / limit)
    end
    counters[index] = { key, limit, window, poured, at }
    answer[2 * index], answer[2 * index + 1] = debt, wait
  end
end
if order == 'take' and admitted then
  for index, counter in ipairs(counters) do
    keep(unpack(counter))
    answer[2 * index] = counter[4]
  end
end
return answer
`

export const rateScript = { text, sha1: createHash('sha1').update(text).digest('hex') } as const

/** What the script is run with. */
export interface ScriptCall {
  readonly keys: readonly string[]
  readonly values: readonly (string | number)[]
}

/** @param now only where a test moves the time; otherwise it is the server's, so that instances need not agree on it */
export function takeCall(buckets: readonly RateBucket[], cost: number, now: EpochMs | undefined): ScriptCall {
  return {
    keys: buckets.map(({ key }) => nameOf(key)),
    values: ['take', cost, now ?? '', ...buckets.flatMap(({ rate }) => [rate.limit, rate.windowSeconds, ''])],
  }
}

/** @param heldMs since the cost was taken: what the time may have drained of it alone is not given back */
export function giveBackCall(
  buckets: readonly RateBucket[],
  cost: number,
  heldMs: number,
  now: EpochMs | undefined,
): ScriptCall {
  const undrained = ({ limit, windowSeconds }: RateLimit): number =>
    Math.max(0, cost * windowSeconds * 1_000 - heldMs * limit)
  return {
    keys: buckets.map(({ key }) => nameOf(key)),
    values: [
      'give-back',
      '',
      now ?? '',
      ...buckets.flatMap(({ rate }) => [rate.limit, rate.windowSeconds, undrained(rate)]),
    ],
  }
}

export function tellCall(debts: readonly RateDebt[], now: EpochMs | undefined): ScriptCall {
  return {
    keys: debts.map(({ key }) => nameOf(key)),
    values: ['tell', '', now ?? '', ...debts.flatMap(({ rate, debt }) => [rate.limit, rate.windowSeconds, debt])],
  }
}

/** @throws Error when the answer is not the script's. */
export function readTaken(buckets: readonly RateBucket[], answer: unknown): RateOutcome {
  if (!isWholeNumbers(answer) || answer.length !== 1 + 2 * buckets.length)
    throw new Error('not an answer of the script')
  const now = answer[0]!
  const waitsMs = buckets.map((_, index) => answer[2 + 2 * index]!).map((waitMs) => (waitMs < 0 ? Infinity : waitMs))
  const standings = buckets.map(({ rate }, index) =>
    standingOf(rate, { rate, debt: answer[1 + 2 * index]!, at: now }, now),
  )
  return outcomeOf(waitsMs, standings)
}

function nameOf(key: string): string {
  return `chatelaine:rate:${key}`
}

function isWholeNumbers(answer: unknown): answer is readonly number[] {
  return Array.isArray(answer) && answer.every((one) => Number.isSafeInteger(one))
}
