import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import type { Issued } from '../faults/steward.ts'
import { Fleet, withoutPostgres } from './fleet.ts'
import { letPass, look, lookUntil, memberAt, requireNotAccepted, revoke, untilRevoked, type Member } from './member.ts'
import { relayTo, type Relay, type RelayOptions } from './relay.ts'

/** How often an instance is stopped where it stands, each time at another moment: many times when asked for `full`. */
const freezesCount = process.argv.includes('full') ? 40 : 3
const tokensCount = 6
/** Creations under way at the instance that is stopped, so that it may hold whatever a commit holds. */
const writersCount = 8
/** It is stopped after one of so many of them. */
const createdMax = 20

/** What a machine with much else to do may need besides. */
const slackMs = 1_000
const revocationMsMax = 2_500 + slackMs
/** The lease of an instance. */
const leaseMsMax = 2_000 + slackMs
const answerMsMax = 1_000 + slackMs

describe('an instance that the others do not reach', { skip: withoutPostgres }, () => {
  test('is waited for no longer than its lease, and accepts nothing that was revoked when it goes on', async (context) => {
    const fleet = new Fleet(context)
    const [healthy, frozen] = (await startMembers(context, fleet, 2)) as [Member, Member]
    const { id: ownerId } = await healthy.steward.account('owner')
    const slowest: number[] = []
    for (let round = 0; round < freezesCount; round += 1) {
      const tokens = await healthy.steward.issueMany(tokensCount, { account_id: ownerId })
      await Promise.all(tokens.map(({ token }) => frozen.steward.verify(token)))
      const { answered } = await writeAndFreeze(frozen, ownerId)
      const tookMs = await Promise.all(tokens.map((token) => revoke(healthy, token)))
      slowest.push(Math.max(...tookMs))
      // They wait for it in its own machine, and are the first that it sees when it goes on.
      const looks = tokens.map(({ token }) => look(frozen, token))
      frozen.server.child.kill('SIGCONT')
      for (const answer of await Promise.all(looks)) requireNotAccepted(answer)
      await answered
      await untilRevoked(frozen, tokens)
    }
    context.diagnostic(`with one stopped a revocation took ${slowest.map((ms) => Math.round(ms)).join(', ')} ms`)
    assert.ok(Math.max(...slowest) < revocationMsMax, `a revocation took ${Math.max(...slowest)} ms`)
  })

  for (const fault of ['hold', 'cut'] as const) {
    const how = fault === 'hold' ? 'hears nothing any more from' : 'has lost its connections to'
    test(`while it ${how} the database, says within its lease that it cannot tell`, async (context) => {
      const { healthy, remote, relay, tokens } = await startWithRelay(context)
      relay[fault]()
      const lostAtMs = performance.now()
      const [first, ...others] = tokens as [Issued, ...Issued[]]
      const looking = lookUntil(remote, others, ({ status }) => status === 503)
      const tookMs = await revoke(healthy, first)
      assert.ok(tookMs < revocationMsMax, `the revocation took ${tookMs} ms`)
      requireNotAccepted(await look(remote, first.token))
      const last = await looking
      assert.ok(last.sentAtMs - lostAtMs < leaseMsMax, `it answered ${last.sentAtMs - lostAtMs} ms long`)
      for (const { token } of others) {
        const { status, headers, sentAtMs, arrivedAtMs } = await look(remote, token)
        assert.equal(status, 503)
        assert.ok(headers['retry-after'] !== undefined)
        assert.ok(arrivedAtMs - sentAtMs < answerMsMax, `an answer took ${arrivedAtMs - sentAtMs} ms`)
      }
      relay.release()
      await untilRevoked(remote, [first])
      for (const { token } of others) assert.equal((await remote.steward.verify(token)).code, 'valid')
    })
  }

  test('of news hears all the same, since it looks by itself', async (context) => {
    const { healthy, remote, tokens } = await startWithRelay(context, { withoutNotifications: true })
    for (const token of tokens) {
      assert.equal((await remote.steward.verify(token.token)).code, 'valid')
      await revoke(healthy, token)
      requireNotAccepted(await look(remote, token.token))
    }
  })

  test('is not needed by one that joins meanwhile, which knows of what was revoked before it came', async (context) => {
    const fleet = new Fleet(context)
    const [healthy, frozen] = (await startMembers(context, fleet, 2)) as [Member, Member]
    const { id: ownerId } = await healthy.steward.account('owner')
    const [token] = (await healthy.steward.issueMany(1, { account_id: ownerId })) as [Issued]
    assert.equal((await frozen.steward.verify(token.token)).code, 'valid')
    frozen.server.child.kill('SIGSTOP')
    context.after(() => void frozen.server.child.kill('SIGCONT'))
    const revoking = revoke(healthy, token)
    const [joining] = (await startMembers(context, fleet, 1)) as [Member]
    const before = look(joining, token.token)
    await revoking
    requireNotAccepted(await look(joining, token.token))
    assert.equal((await before).status, 200)
  })
})

async function startMembers(context: TestContext, fleet: Fleet, count: number): Promise<Member[]> {
  const members = (await fleet.startMany(count)).map(memberAt)
  context.after(() => members.forEach(({ client }) => client.close()))
  await Promise.all(members.map((member) => letPass(member)))
  return members
}

/** Two instances, of which one reaches the database through a relay, and tokens that both of them know. */
async function startWithRelay(context: TestContext, options: RelayOptions = {}) {
  const fleet = new Fleet(context)
  const relay: Relay = await relayTo(await fleet.database(), options)
  context.after(() => relay.close())
  const healthy = memberAt(await fleet.start())
  const remote = memberAt(await fleet.start({ CHATELAINE_DATABASE_URL: relay.url }))
  context.after(() => [healthy, remote].forEach(({ client }) => client.close()))
  await letPass(healthy)
  const { id } = await healthy.steward.account('owner')
  const tokens = await healthy.steward.issueMany(tokensCount, { account_id: id })
  for (const { token } of tokens) assert.equal((await remote.steward.verify(token)).code, 'valid')
  return { healthy, remote, relay, tokens }
}

/**
 * Has tokens created at an instance and stops it in the middle of it, after some of them. Resolves when it stands still,
 * with what resolves when it goes on and all that was asked is answered.
 */
async function writeAndFreeze(
  { server, client, steward }: Member,
  ownerId: string,
): Promise<{ answered: Promise<unknown> }> {
  let left = 1 + Math.floor(Math.random() * createdMax)
  const stopped = Promise.withResolvers<void>()
  async function write(): Promise<void> {
    while (left > 0) {
      await client.ask('POST', '/api/v1/tokens', { as: steward.token, body: { account_id: ownerId } })
      left -= 1
      if (left !== 0) continue
      server.child.kill('SIGSTOP')
      stopped.resolve()
    }
  }
  const answered = Promise.all(Array.from({ length: writersCount }, write))
  await stopped.promise
  return { answered }
}
