import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Said } from './deployment.ts'

/** How soon, at the latest, what is new must be there, on a machine that does other things too. */
const soonMs = 2_000

describe('the feed of changes', () => {
  let deployment: Deployment
  let follower: string

  before(async () => {
    deployment = await openDeployment()
    const body = { kind: 'manager', scopes: ['chatelaine.tokens:verify'] }
    follower = secretOf(await deployment.ask('createToken', { as: deployment.root, body }))
  })
  after(() => deployment.close())

  const poll = async (query: Said['query'] = {}) =>
    deployment.ask('readChanges', { as: follower, query: { verifier: 'verifier-1', ...query } })

  const change = async (username: string) =>
    deployment.ask('createAccount', { as: deployment.root, body: { username } })

  test('begins with the place to go on from, which nobody may keep', async () => {
    const { body, headers } = await poll()
    assert.deepEqual([body.resync, body.entries, body.lease_ms], [true, [], 5_000])
    assert.equal(headers.get('cache-control'), 'no-store')
    const said = Math.abs(Date.parse(body.answered_at) - deployment.clock.now())
    assert.ok(said < soonMs, `the deployment's time is ${said} ms off`)
  })

  test('tells what comes while it waits, at once', async () => {
    const { body } = await poll()
    const waiting = poll({ since: body.position, lease_ms: '60000' })
    const account = await change('awaited')
    const beganMs = performance.now()
    const news = await waiting
    assert.ok(performance.now() - beganMs < soonMs)
    const subject = { subject_type: 'account', subject_id: account.body.id }
    const { seq } = news.body.entries[0]!
    assert.deepEqual(news.body.entries, [{ seq, ...subject, effect: 'gives' }])
    assert.equal(news.body.position.endsWith(`.${seq}`), true)
  })

  test('tells everything in order, without a gap and nothing twice, however it is broken off and resumed', async () => {
    let { position } = (await poll()).body
    const first = Number(position.split('.')[1]) + 1
    const seqs: number[] = []
    const writing = Promise.all(Array.from({ length: 60 }, async (_, nth) => change(`one-of-many-${nth}`)))
    while (seqs.length < 60) {
      const abandoned = new AbortController()
      const target = `/api/v1/changes?verifier=verifier-1&since=${position}`
      const headers = { authorization: `Bearer ${follower}` }
      const broken = fetch(`${deployment.origin}${target}`, { headers, signal: abandoned.signal })
      abandoned.abort()
      await assert.rejects(broken)
      const { body } = await poll({ since: position })
      assert.equal(body.resync, false)
      seqs.push(...body.entries.map(({ seq }) => seq))
      position = body.position
    }
    await writing
    assert.deepEqual(
      seqs,
      Array.from({ length: 60 }, (_, nth) => first + nth),
    )
  })

  test('says that nothing is new when the wait is over, which may be at once', async () => {
    const { position } = (await poll()).body
    const { body } = await poll({ since: position, wait_ms: '0' })
    assert.deepEqual([body.resync, body.entries, body.position], [false, [], position])
    assert.deepEqual((await poll({ since: position, lease_ms: '200' })).body.entries, [])
  })

  test('begins anew for a place of another epoch, as after a restore', async () => {
    const { body } = await poll({ since: 'anotherEpoch.3' })
    assert.deepEqual([body.resync, body.entries], [true, []])
  })

  test('names what is wrong with a question', async () => {
    for (const [query, pointer] of [
      [{ since: 'nowhere' }, '/since'],
      [{ since: 'k3v9.-1' }, '/since'],
      [{ since: `k3v9.${'9'.repeat(17)}` }, '/since'],
      [{ verifier: 'short' }, '/verifier'],
      [{ lease_ms: '60001' }, '/lease_ms'],
      [{ lease_ms: 'long' }, '/lease_ms'],
      [{ wait_ms: '-1' }, '/wait_ms'],
      [{ token: 'x' }, '/token'],
    ] as const) {
      const { problem, pointers } = await poll(query)
      assert.deepEqual([problem, pointers], ['invalid-request', [pointer]], JSON.stringify(query))
    }
    const { problem, pointers } = await deployment.ask('readChanges', { as: follower })
    assert.deepEqual([problem, pointers], ['invalid-request', ['/verifier']])
  })

  test('a verification may be asked to know a place, reached or not', async () => {
    const member = await deployment.member('asked-about')
    const { position } = (await poll()).body
    const [epoch, seq] = position.split('.')
    const ask = async (at_least: string) =>
      deployment.ask('verifyToken', { as: follower, body: { token: member.token, at_least } })
    const { body } = await ask(position)
    assert.deepEqual([body.code, body.seq], ['valid', position])
    assert.equal((await ask(`${epoch}.${Number(seq) + 7}`)).body.code, 'valid')
    assert.equal((await ask(`anotherEpoch.${seq}`)).body.code, 'valid')
    assert.deepEqual((await ask('nowhere')).pointers, ['/at_least'])
    const tokens = [{ token: member.token, at_least: position }, { token: member.token }]
    const batch = await deployment.ask('verifyTokens', { as: follower, body: { tokens } })
    assert.deepEqual(
      batch.body.results.map(({ code }) => code),
      ['valid', 'valid'],
    )
  })

  test('a valid answer names the tokens that it shares limits with, so that it is forgotten with them', async () => {
    const member = await deployment.member('parent')
    const child = await deployment.ask('createToken', { as: member.token, body: {} })
    const of = async (token: string) => {
      const { body } = await deployment.ask('verifyToken', { as: follower, body: { token } })
      return body.valid ? body.ancestor_ids : undefined
    }
    assert.deepEqual(await of(member.token), [])
    assert.deepEqual(await of(secretOf(child)), [member.tokenId])
  })

  test('is for managers alone', async () => {
    const member = await deployment.member('curious', { scopes: ['data:read'] })
    const query = { verifier: 'verifier-1' }
    assert.equal((await deployment.ask('readChanges', { as: member.token, query })).problem, 'scope-missing')
    const body = { account_id: member.id, scopes: ['chatelaine.tokens:verify'] }
    const own = secretOf(await deployment.ask('createToken', { as: deployment.root, body }))
    assert.equal((await deployment.ask('readChanges', { as: own, query })).problem, 'not-permitted')
  })

  test('a long wait is no slow request', async () => {
    const { position } = (await poll()).body
    const already = deployment.logged.length
    const waiting = poll({ since: position, lease_ms: '60000' })
    await poll({ verifier: 'verifier-2' })
    deployment.clock.advance(14_000)
    await change('waited-for')
    await waiting
    const lines = deployment.logged.slice(already).filter((line) => line.includes('/api/v1/changes'))
    assert.ok(lines.length >= 2, 'polls are logged')
    assert.ok(!lines.some((line) => line.includes('slowly')), lines.join(''))
  })

  test('2 000 that wait hear of a change, and cost nothing while they do', { timeout: 60_000 }, async (context) => {
    const { position } = (await poll()).body
    const waiting = Array.from({ length: 2_000 }, async (_, nth) =>
      poll({ verifier: `idle-verifier-${nth}`, since: position, lease_ms: '60000' }),
    )
    // Whoever comes last is answered after all that came before have begun to wait.
    while (deployment.service.feed.statistics.waiting < 2_000) await poll({ since: position, wait_ms: '0' })
    const idleFrom = performance.now()
    for (let ticks = 0; ticks < 1_000; ticks += 1) deployment.service.feed.tick()
    const tickMs = (performance.now() - idleFrom) / 1_000
    context.diagnostic(`looking after 2 000 that wait takes ${tickMs.toFixed(4)} ms, 20 times a second`)
    assert.ok(tickMs < 0.5)
    const beganMs = performance.now()
    await change('heard-by-all')
    const answers = await Promise.all(waiting)
    context.diagnostic(`all 2 000 had heard after ${Math.round(performance.now() - beganMs)} ms`)
    assert.ok(answers.every(({ body }) => body.entries.length === 1))
  })
})

test('whoever waits is answered when the server is to stop, and nobody waits afterwards', async () => {
  const deployment = await openDeployment()
  try {
    const query = { verifier: 'verifier-1', lease_ms: '60000' }
    const { position } = (await deployment.ask('readChanges', { as: deployment.root, query })).body
    const waiting = deployment.ask('readChanges', { as: deployment.root, query: { ...query, since: position } })
    const other = { ...query, verifier: 'verifier-2' }
    await deployment.ask('readChanges', { as: deployment.root, query: other })
    deployment.turnAway('The server is stopping.')
    assert.deepEqual((await waiting).body.entries, [])
    const after = await deployment.ask('readChanges', { as: deployment.root, query: { ...query, since: position } })
    assert.deepEqual([after.problem, after.headers.get('retry-after')], ['unavailable', '1'])
  } finally {
    await deployment.close()
  }
})
