import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf } from '../faults/client.ts'
import { copyOf } from '../postgres/committing.ts'
import { operate } from '../start/processes.ts'
import { Fleet, withoutPostgres } from './fleet.ts'
import { look, memberAt, requireNotAccepted, type Member } from './member.ts'

const tokensCount = 12

test(
  'after PostgreSQL was put back nothing that was taken away lives, and whoever followed begins anew',
  { skip: withoutPostgres },
  async (context) => {
    const fleet = new Fleet(context)
    const places = [fleet.place(), fleet.place()] as const
    const startAll = async (environment = {}): Promise<Member[]> => {
      const members: Member[] = []
      for (const place of places) members.push(memberAt(await fleet.start(environment, place)))
      context.after(() => members.forEach(({ client }) => client.close()))
      return members
    }
    const stopAll = async (members: readonly Member[]) => {
      await Promise.all(members.map(({ server }) => server.stop()))
    }

    const before = await startAll()
    const { id } = await before[0]!.steward.account('owner')
    const tokens = await before[0]!.steward.issueMany(tokensCount, { account_id: id })
    await stopAll(before)
    const copy = await copyOf(fleet.postgres, await fleet.database())

    const between = await startAll()
    const { position } = await feedOf(between[0]!)
    // Each instance takes something away, and has heard of what the other one took.
    for (const [index, { id: tokenId }] of tokens.entries()) {
      if (index % 3 === 2) continue
      const { client, steward } = between[index % 2]!
      bodyOf('revokeToken', 204, await client.ask('DELETE', `/api/v1/tokens/${tokenId}`, { as: steward.token }))
    }
    await stopAll(between)

    const environment = { ...(await fleet.environmentAt(places[0])), CHATELAINE_DATABASE_URL: copy }
    const { code, told } = await operate(places[0].directory, ['replay-journal', '--yes'], environment)
    assert.equal(code, 0, told)

    const members = await startAll({ CHATELAINE_DATABASE_URL: copy })
    for (const member of members) {
      for (const [index, { token }] of tokens.entries()) {
        if (index % 3 !== 2) requireNotAccepted(await look(member, token))
        else assert.equal((await member.steward.verify(token)).code, 'valid')
      }
      const { resync, position: now } = await feedOf(member, position)
      assert.equal(resync, true)
      assert.notEqual(now.split('.')[0], position.split('.')[0])
    }
  },
)

/** What a verifier outside hears that has come so far. */
async function feedOf({ client, steward }: Member, since?: string) {
  const place = since === undefined ? '' : `&since=${since}`
  const answer = await client.ask('GET', `/api/v1/changes?verifier=restored&wait_ms=0${place}`, { as: steward.token })
  return bodyOf('readChanges', 200, answer)
}
