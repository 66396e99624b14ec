import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOf } from '../faults/client.ts'
import { backUp } from '../postgres/put-back.ts'
import { Fleet, withoutPostgres } from './fleet.ts'
import { look, memberAt, requireNotAccepted, revoke, untilRevoked, type Member } from './member.ts'

const tokensCount = 8

test(
  'when PostgreSQL is put back under running instances nothing that was revoked is accepted, and they go on by themselves',
  { skip: withoutPostgres },
  async (context) => {
    const fleet = new Fleet(context)
    const members = (await fleet.startMany(2)).map(memberAt)
    context.after(() => members.forEach(({ client }) => client.close()))
    const [one, other] = members as [Member, Member]
    const { id } = await one.steward.account('owner')
    const tokens = await one.steward.issueMany(tokensCount, { account_id: id })
    const [kept, ...lost] = tokens
    const putBack = await backUp(await fleet.database())
    for (const [index, token] of lost.entries()) await revoke(members[index % 2]!, token)
    const { position } = await feedOf(one)
    for (const member of members) assert.equal((await member.steward.verify(kept!.token)).code, 'valid')

    await putBack()
    await Promise.all(members.map((member) => untilRevoked(member, lost)))
    for (const member of members) {
      while ((await look(member, kept!.token)).status === 503);
      assert.equal((await member.steward.verify(kept!.token)).code, 'valid')
      for (const { token } of lost) requireNotAccepted(await look(member, token))
      const { text } = await member.client.ask('GET', '/metrics')
      assert.match(text, /^chatelaine_database_put_back_total [1-9]/m)
      assert.equal((await member.client.ask('GET', '/readyz')).status, 200)
    }
    // A verifier outside that had heard of all begins anew.
    const { resync, position: now } = await feedOf(other, position)
    assert.equal(resync, true)
    assert.notEqual(now.split('.')[0], position.split('.')[0])

    // And what is revoked in the new epoch is so everywhere.
    await revoke(one, kept!)
    requireNotAccepted(await look(other, kept!.token))
  },
)

/** What a verifier outside hears that has come so far. */
async function feedOf({ client, steward }: Member, since?: string) {
  const place = since === undefined ? '' : `&since=${since}`
  const answer = await client.ask('GET', `/api/v1/changes?verifier=put-back&wait_ms=0${place}`, { as: steward.token })
  return bodyOf('readChanges', 200, answer)
}
