import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment } from './deployment.ts'

describe('the audit log', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  const read = async (query: Record<string, string> = {}, as = deployment.root) => {
    const answer = await deployment.ask('listAuditEntries', { as, query })
    assert.equal(answer.status, 200, answer.detail)
    return answer.body.data
  }

  test('has one entry for each change, newest first, with who, what and from where', async () => {
    const member = await deployment.member('ada')
    const headers = { 'user-agent': 'curl/8.10.1 (x)' }
    const body = { label: 'laptop' }
    const made = await deployment.ask('createToken', { as: member.token, body, headers })
    const [entry] = await read()
    assert.equal(entry?.action, 'token.created')
    assert.deepEqual(entry.subject, { type: 'token', id: made.body.id })
    assert.deepEqual(entry.actor, {
      type: 'token',
      account_id: member.id,
      token_id: member.tokenId,
      ip: '127.0.0.1',
      client: 'curl/8.10.1',
    })
    assert.equal(entry.details['label'], 'laptop')
    assert.equal(entry.details['expires_at'], made.body.expires_at)
    const seqs = (await read()).map(({ seq }) => Number(seq.split('.')[1]))
    assert.deepEqual(
      seqs,
      Array.from({ length: deployment.changeCount() }, (_, index) => deployment.changeCount() - index),
    )
  })

  test('says of a change what was before and what is now', async () => {
    const { tokenId } = await deployment.member('changed', { label: 'old', lifetime_seconds: 600 })
    const body = { label: 'new', expires_at: null }
    await deployment.ask('updateToken', { as: deployment.root, params: { id: tokenId }, body })
    const [entry] = await read({ subject: tokenId })
    assert.deepEqual(entry?.details['label'], { from: 'old', to: 'new' })
    const { from, to } = entry.details['expires_at'] as { from: string; to: null }
    assert.match(from, /^\d{4}-.*Z$/)
    assert.equal(to, null)
  })

  test('is read by actor, subject, action and time', async () => {
    const member = await deployment.member('filtered')
    deployment.clock.advance(60_000)
    const from = new Date(deployment.clock.now()).toISOString()
    const made = await deployment.ask('createToken', { as: member.token, body: {} })
    await deployment.ask('revokeToken', { as: member.token, params: { id: made.body.id } })
    const actions = async (query: Record<string, string>) => (await read(query)).map(({ action }) => action)
    const both = ['token.revoked', 'token.created']
    assert.deepEqual(await actions({ actor: member.tokenId }), both)
    assert.deepEqual(await actions({ actor: member.id }), both)
    assert.deepEqual(await actions({ subject: made.body.id }), both)
    assert.deepEqual(await actions({ from }), both)
    assert.deepEqual(await actions({ actor: member.id, action: 'token.revoked' }), ['token.revoked'])
    assert.deepEqual(await actions({ until: from, subject: made.body.id }), [])
  })

  test('is read page by page, each entry once', async () => {
    const whole = (await read()).map(({ seq }) => seq)
    const paged: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: Record<string, string> = { limit: '3', cursor }
      const { body } = await deployment.ask('listAuditEntries', { as: deployment.root, query })
      paged.push(...body.data.map(({ seq }) => seq))
      cursor = body.next_cursor
    }
    assert.deepEqual(paged, whole)
  })

  test('shows an account what concerns it, and nothing of others', async () => {
    const one = await deployment.member('one', { scopes: ['chatelaine.audit:read', 'chatelaine.tokens:write'] })
    const two = await deployment.member('two')
    const made = await deployment.ask('createToken', { as: one.token, body: { scopes: ['chatelaine.audit:read'] } })
    const entries = await read({}, secretOf(made))
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['token.created', 'token.created', 'account.created'],
    )
    assert.ok(!JSON.stringify(entries).includes(two.id))
    assert.deepEqual(await read({ subject: two.tokenId }, one.token), [])
  })
})
