import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { routes, type Route, type RouteName } from '@chatelaine/api'
import { openDeployment, type Deployment, type Heard } from './deployment.ts'

describe('wait=verifiers', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  const poll = async (verifier: string, query: Readonly<Record<string, string>> = {}) =>
    deployment.ask('readChanges', { as: deployment.root, query: { verifier, wait_ms: '0', ...query } })

  const revoke = async () => {
    const member = await deployment.member(`member-${deployment.changeCount()}`)
    const { tokenId: id } = member
    return {
      member,
      revoked: deployment.ask('revokeToken', { as: deployment.root, params: { id }, query: { wait: 'verifiers' } }),
    }
  }

  function standing({ headers }: Heard<unknown>): Record<string, number> {
    const names = ['acknowledged', 'lapsed', 'outstanding', 'waited-ms']
    return Object.fromEntries(names.map((name) => [name, Number(headers.get(`x-chatelaine-verifiers-${name}`))]))
  }

  test('without verifiers it is answered at once, and says so', async () => {
    const answer = await (await revoke()).revoked
    assert.equal(answer.status, 204)
    const { 'waited-ms': waitedMs, ...counts } = standing(answer)
    assert.deepEqual(counts, { acknowledged: 0, lapsed: 0, outstanding: 0 })
    assert.ok(waitedMs! < 2_000)
  })

  test('it is answered when the verifier has said that it knows, and the token is dead everywhere before', async () => {
    const { position } = (await poll('verifier-1', { lease_ms: '60000' })).body
    const { member, revoked } = await revoke()
    let isAnswered = false
    void revoked.then(() => (isAnswered = true))
    let since = position
    let isTold = false
    while (!isTold) {
      const { body } = await poll('verifier-1', { since, lease_ms: '60000' })
      isTold = body.entries.some(({ subject_id: id, effect }) => id === member.tokenId && effect === 'takes')
      // What it was told of before is acknowledged here; the revocation is still to be.
      if (!isTold) since = body.position
    }
    const verified = await deployment.ask('verifyToken', { as: deployment.root, body: { token: member.token } })
    assert.deepEqual([verified.body.code, isAnswered], ['revoked', false])
    since = verified.body.seq
    await poll('verifier-1', { since, lease_ms: '60000' })
    assert.equal(standing(await revoked)['acknowledged'], 1)
    await poll('verifier-1', { lease_ms: '0' })
  })

  test('a verifier that says nothing is waited for until its lease has run out', async () => {
    await poll('verifier-2', { lease_ms: '3000' })
    const { revoked } = await revoke()
    while (!deployment.service.feed.statistics.settling) await poll('nobody-else', { lease_ms: '0' })
    deployment.clock.advance(3_000)
    const { acknowledged, lapsed, outstanding } = standing(await revoked)
    assert.deepEqual({ acknowledged, lapsed, outstanding }, { acknowledged: 0, lapsed: 1, outstanding: 0 })
  })

  test('after ten seconds it is answered whoever is still out, and that was no slow request', async () => {
    await poll('verifier-3', { lease_ms: '60000' })
    const { revoked } = await revoke()
    while (!deployment.service.feed.statistics.settling) await poll('nobody-else', { lease_ms: '0' })
    const already = deployment.logged.length
    deployment.clock.advance(10_000)
    const answer = await revoked
    assert.equal(answer.status, 204)
    assert.equal(standing(answer)['outstanding'], 1)
    assert.ok(standing(answer)['waited-ms']! >= 10_000)
    const line = deployment.logged.slice(already).find((one) => one.includes('"DELETE"'))
    assert.ok(line !== undefined && !line.includes('slowly'), line)
    await poll('verifier-3', { lease_ms: '0' })
  })

  test('no other value is understood', async () => {
    const { tokenId: id } = await deployment.member('unaffected')
    const refused = await deployment.ask('revokeToken', { as: deployment.root, params: { id }, query: { wait: 'all' } })
    assert.deepEqual([refused.problem, refused.pointers], ['invalid-request', ['/wait']])
  })

  test('every operation that may take something away heeds it', () => {
    const waitable = (Object.keys(routes) as RouteName[]).filter((name) => (routes[name] as Route).waitable === true)
    assert.deepEqual(waitable.toSorted(), [
      'archiveProject',
      'cancelRotation',
      'disableAccount',
      'removeMember',
      'renewOwnToken',
      'replaceScopes',
      'replaceSettings',
      'revokeLeakedTokens',
      'revokeOwnToken',
      'revokePresentedToken',
      'revokeToken',
      'revokeTokens',
      'rotateToken',
      'updateAccount',
      'updateMember',
      'updateProject',
      'updateToken',
    ])
  })
})
