import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Answer } from '../faults/client.ts'
import type { Issued } from '../faults/steward.ts'
import { Fleet, withoutPostgres } from './fleet.ts'
import { letPass, look, memberAt, type Member } from './member.ts'

/** How long the database is away: as long as the issue of several instances says, when asked for `full`. */
const awayMs = process.argv.includes('full') ? 30_000 : 4_000

const writersCount = 4
const watchersCount = 4
const tokensCount = 8

/** What a machine with much else to do may need besides. */
const slackMs = 1_000
const answerMsMax = 1_000 + slackMs
/** Of a change that was committed: until all memories have heard of it, or cannot answer. */
const barrierMsMax = 2_500 + slackMs
/** How long an instance may answer from memory. */
const leaseMsMax = 2_000 + slackMs
const recoveryMsMax = 5_000 + slackMs

const losses: Readonly<Record<string, { lose: (fleet: Fleet) => Promise<void>; find: (fleet: Fleet) => unknown }>> = {
  'stopped at once': {
    lose: ({ postgres }) => postgres.stopAtOnce(),
    find: ({ postgres }) => postgres.startAgain(),
  },
  'frozen with all its processes': {
    lose: ({ postgres }) => postgres.freeze(),
    find: ({ postgres }) => postgres.thaw(),
  },
}

describe('with PostgreSQL under load', { skip: withoutPostgres }, () => {
  for (const [how, { lose, find }] of Object.entries(losses)) {
    test(`${how}, everything is answered in time with what is known, and nothing acknowledged is lost`, async (context) => {
      const { fleet, members, tokens } = await start(context)
      const load = new Load(members, tokens)
      await load.reached(50)
      await lose(fleet)
      load.lostAtMs = performance.now()
      // Nothing happens by whose end one could tell that it was away for long enough.
      await setTimeout(awayMs)
      await find(fleet)
      const foundAtMs = performance.now()
      await Promise.all(members.map((member) => untilAllIsWell(member, tokens)))
      const tookMs = performance.now() - foundAtMs
      load.foundAtMs = foundAtMs + tookMs
      await load.reached(50)
      await load.end()
      context.diagnostic(`all was well ${Math.round(tookMs)} ms after the database was there again`)
      assert.ok(tookMs < recoveryMsMax, `it took ${tookMs} ms`)
      await load.requireAllKept(members[0]!)
      for (const { server } of members) {
        await server.stop()
        assert.equal(server.child.exitCode, 0)
        assert.doesNotMatch(server.log(), /"msg":"(?:defect|request failed)"/)
      }
    })
  }
})

async function start(context: TestContext) {
  const fleet = new Fleet(context)
  const members = (await fleet.startMany(2)).map(memberAt)
  context.after(() => members.forEach(({ client }) => client.close()))
  await Promise.all(members.map((member) => letPass(member)))
  const { steward } = members[0]!
  const { id } = await steward.account('owner', {})
  const tokens = await steward.issueMany(tokensCount, { account_id: id })
  return { fleet, members, tokens }
}

/** What goes on at every instance while the database comes and goes. */
class Load {
  lostAtMs = Infinity
  foundAtMs = Infinity
  readonly #issued: Issued[] = []
  /** The ids of tokens whose revocation was answered, and of those where nobody knows. */
  readonly #revoked = new Set<string>()
  readonly #unknown = new Set<string>()
  #isOver = false
  #goodCount = 0
  readonly #running: Promise<unknown>

  constructor(members: readonly Member[], tokens: readonly Issued[]) {
    const loops = members.flatMap((member) => [
      ...Array.from({ length: writersCount }, () => this.#write(member, tokens[0]!.account_id!)),
      ...Array.from({ length: watchersCount }, () => this.#watch(member, tokens)),
    ])
    this.#running = Promise.all(loops).finally(() => (this.#isOver = true))
    // Whoever ends it hears of what failed.
    this.#running.catch(() => undefined)
  }

  /** Resolves when so many more requests have been answered well, or one was not as it has to be. */
  async reached(count: number): Promise<void> {
    const goal = this.#goodCount + count
    while (this.#goodCount < goal && !this.#isOver) await setImmediate()
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** What was acknowledged is so; what was not may be so or not. */
  async requireAllKept({ steward }: Member): Promise<void> {
    assert.ok(this.#revoked.size > 0)
    const codes = await steward.codes(this.#issued.map(({ token }) => token))
    for (const [index, { id }] of this.#issued.entries()) {
      if (this.#unknown.has(id)) continue
      assert.equal(codes[index], this.#revoked.has(id) ? 'revoked' : 'valid')
    }
  }

  async #write({ client, steward: { token: as } }: Member, ownerId: string): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const made = await client.ask('POST', '/api/v1/tokens', { as, body: { account_id: ownerId } })
      this.#judge(made, [201], made.status === 201 ? barrierMsMax : answerMsMax)
      if (made.status !== 201) continue
      const issued = JSON.parse(made.text) as Issued
      this.#issued.push(issued)
      if (turn % 2 === 0) continue
      // Until it is answered nobody knows.
      this.#unknown.add(issued.id)
      const revoked = await client.ask('DELETE', `/api/v1/tokens/${issued.id}`, { as })
      this.#judge(revoked, [204], barrierMsMax)
      if (revoked.status !== 204) continue
      this.#unknown.delete(issued.id)
      this.#revoked.add(issued.id)
    }
  }

  async #watch(member: Member, tokens: readonly Issued[]): Promise<void> {
    for (let turn = 0; !this.#isOver; turn += 1) {
      const answer = await look(member, tokens[turn % tokens.length]!.token)
      this.#judge(answer, [200], answerMsMax)
      if (answer.status === 200) assert.equal((JSON.parse(answer.text) as { code: string }).code, 'valid')
      const isAway = answer.sentAtMs > this.lostAtMs + leaseMsMax && answer.arrivedAtMs < this.lostAtMs + awayMs
      if (isAway) assert.equal(answer.status, 503, 'it was answered without a lease and without a database')
    }
  }

  /** Everything is done as ever, or answered in time with 503 and when to come again; also while all is well under load. */
  #judge({ status, headers, text, sentAtMs, arrivedAtMs }: Answer, good: readonly number[], msMax: number): void {
    const tookMs = arrivedAtMs - sentAtMs
    assert.ok(tookMs < msMax, `${status} after ${tookMs} ms: ${text}`)
    if (good.includes(status)) {
      this.#goodCount += 1
      return
    }
    assert.equal(status, 503, text)
    assert.ok(headers['retry-after'] !== undefined)
  }
}

/** Until an instance is ready, writes, and verifies from memory again. */
async function untilAllIsWell(member: Member, tokens: readonly Issued[]): Promise<void> {
  const { client, steward } = member
  const isWell = async () => {
    const answers = [
      await client.ask('GET', '/readyz'),
      await look(member, tokens[0]!.token),
      await client.ask('POST', '/api/v1/tokens', { as: steward.token, body: { account_id: tokens[0]!.account_id } }),
    ]
    return answers.every(({ status }) => status < 300)
  }
  while (!(await isWell()));
}
