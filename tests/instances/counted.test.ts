import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bodyOf, Client, type Answer } from '../faults/client.ts'
import { Steward } from '../faults/steward.ts'
import { startRedis, withoutRedis, type RunningRedis } from '../services/redis.ts'
import { Fleet, withoutPostgres } from './fleet.ts'
import { letPass, memberAt } from './member.ts'
import { undisturbed } from '../services/undisturbed.ts'

const connectionsCount = 48
const racersCount = 60

/** A limit that does not recover while a test lasts. */
const hourly = { limit: 100, window_seconds: 3_600 }
const requestsCount = 8_000
const requestsEachTimeCount = 600
/** What promise 5 lets a loss of Redis admit at most, in one window. */
const admittedMax = 2 * hourly.limit

/** From the moment at which Redis is there again, and what a machine with much else to do may need besides. */
const recoveryMsMax = 5_000 + 2_000

describe('over three instances at once', { skip: withoutPostgres }, () => {
  const fleet = new Fleet({ after })
  let anywhere: Client
  let steward: Steward

  before(async () => {
    const servers = await fleet.startMany(3)
    anywhere = new Client(
      servers.map(({ port }) => port),
      { connections: connectionsCount },
    )
    steward = new Steward(anywhere, servers[0]!.managerToken)
    await Promise.all(servers.map((server) => letPass(memberAt(server))))
  })
  after(() => anywhere.close())

  test('an account gets five permanent tokens and no more', async () => {
    const { id } = await steward.account('permanent')
    const answers = await race(() => create({ account_id: id, permanent: true }))
    assert.equal(answers.filter(({ status }) => status === 201).length, 5)
    requireStatuses(answers, 201, 403)
  })

  test('a token with one use left is used once, and one with fifty is used fifty times', async () => {
    const { id } = await steward.account('used')
    for (const uses of [1, 50]) {
      const { token } = await steward.issue({ account_id: id, uses_remaining: uses })
      const answers = await race(() => verify(token), 4 * racersCount)
      requireStatuses(answers, 200, 503)
      assert.equal(answers.filter(isValid).length, uses)
    }
  })

  test('requests with one Idempotency-Key make one token, and its secret is told once', async () => {
    const { id } = await steward.account('repeated')
    const label = 'made once'
    const answers = await race(() => create({ account_id: id, label }, { 'idempotency-key': 'at-once' }))
    const made = answers.filter(({ status }) => status === 201)
    assert.ok(made.length <= 1, `it was made ${made.length} times`)
    requireStatuses(answers, 201, 200, 409, 503)
    const said = { as: steward.token }
    const { data } = bodyOf('listTokens', 200, await anywhere.ask('GET', `/api/v1/tokens?account_id=${id}`, said))
    assert.equal(data.length, 1)
    const again = await create({ account_id: id, label }, { 'idempotency-key': 'at-once' })
    assert.equal(again.status, 200)
    assert.equal(again.headers['idempotency-replayed'], 'true')
  })

  const create = (body: object, headers = {}) =>
    anywhere.ask('POST', '/api/v1/tokens', { as: steward.token, body, headers })
  const verify = (token: string) =>
    anywhere.ask('POST', '/api/v1/tokens/verify', { as: steward.token, body: { token } })
})

describe('a rate over four instances with Redis', { skip: withoutPostgres || withoutRedis }, () => {
  const fleet = new Fleet({ after })
  let redis: RunningRedis
  let each: Client[]
  let anywhere: Client
  let steward: Steward
  let ownerId: string

  before(async () => {
    redis = await startRedis()
    const servers = await fleet.startMany(4, { CHATELAINE_REDIS_URL: redis.url.reveal() })
    each = servers.map(({ port }) => new Client(port))
    anywhere = new Client(
      servers.map(({ port }) => port),
      { connections: connectionsCount },
    )
    steward = new Steward(anywhere, servers[0]!.managerToken)
    ownerId = (await steward.account('owner')).id
  })
  after(async () => {
    for (const one of [anywhere, ...each]) one.close()
    await redis.stop()
  })

  const issueLimited = async () => (await steward.issue({ account_id: ownerId, rate_limit: hourly })).token
  const verify = (token: string) =>
    anywhere.ask('POST', '/api/v1/tokens/verify', { as: steward.token, body: { token } })
  const admitted = async (token: string, count: number) => {
    const answers = await race(() => verify(token), count)
    for (const { status, text } of answers) assert.equal(status, 200, text)
    return answers.filter(isValid).length
  }

  const countedTogether = async () => {
    for (const client of each) while (await countsByShares(client));
  }
  const lossesCount = async () => (await Promise.all(each.map(lossesOf))).reduce((sum, losses) => sum + losses, 0)

  test(`admits exactly ${hourly.limit} of ${requestsCount} requests`, async () => {
    await undisturbed(lossesCount, async () => {
      await countedTogether()
      assert.equal(await admitted(await issueLimited(), requestsCount), hourly.limit)
    })
  })

  const losses: Readonly<Record<string, { lose: () => unknown; find: () => unknown }>> = {
    ended: { lose: () => redis.kill(), find: () => redis.restart() },
    frozen: { lose: () => redis.freeze(), find: () => redis.thaw() },
  }
  for (const [how, { lose, find }] of Object.entries(losses)) {
    test(`with Redis ${how} admits at most what is promised, and is counted together again within 5 s`, async (context) => {
      const token = await issueLimited()
      const { token: unlimited } = await steward.issue({ account_id: ownerId })
      const healthyMs = await p99Ms(() => verify(unlimited))
      let count = await admitted(token, requestsEachTimeCount)
      await lose()
      count += await admitted(token, requestsEachTimeCount)
      const lostMs = await p99Ms(() => verify(unlimited))
      context.diagnostic(`p99 ${healthyMs.toFixed(1)} ms before, ${lostMs.toFixed(1)} ms without`)
      for (const client of each) assert.equal(await countsByShares(client), true)
      await find()
      const foundAtMs = performance.now()
      for (const client of each) while (await countsByShares(client));
      const tookMs = performance.now() - foundAtMs
      assert.ok(tookMs < recoveryMsMax, `it took ${tookMs} ms`)
      count += await admitted(token, requestsEachTimeCount)
      assert.ok(count <= admittedMax, `${count} were admitted`)
    })
  }

  test('with Redis emptied admits at most what is promised', async () => {
    await undisturbed(lossesCount, async () => {
      await countedTogether()
      const token = await issueLimited()
      const before = await admitted(token, requestsEachTimeCount)
      assert.equal(before, hourly.limit)
      await redis.flush()
      assert.ok(before + (await admitted(token, requestsEachTimeCount)) <= admittedMax)
    })
  })
})

/** Asks so often, as many at once as there are connections. */
function race(ask: () => Promise<Answer>, count = racersCount): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, ask))
}

function isValid({ status, text }: Answer): boolean {
  return status === 200 && (JSON.parse(text) as { valid: boolean }).valid
}

function requireStatuses(answers: readonly Answer[], ...statuses: readonly number[]): void {
  for (const { status, text } of answers) assert.ok(statuses.includes(status), `${status}: ${text}`)
}

/** One after the other, so that nobody waits for anybody else. */
async function p99Ms(ask: () => Promise<Answer>): Promise<number> {
  const tookMs: number[] = []
  for (let asked = 0; asked < 200; asked += 1) {
    const { sentAtMs, arrivedAtMs } = await ask()
    tookMs.push(arrivedAtMs - sentAtMs)
  }
  return tookMs.toSorted((a, b) => a - b)[197]!
}

async function lossesOf(client: Client): Promise<number> {
  const { text } = await client.ask('GET', '/metrics')
  return Number(/^chatelaine_rate_counter_losses_total (\d+)$/m.exec(text)?.[1] ?? 0)
}

async function countsByShares(client: Client): Promise<boolean> {
  const { text } = await client.ask('GET', '/metrics')
  return /^chatelaine_rates_by_shares 1$/m.test(text)
}
