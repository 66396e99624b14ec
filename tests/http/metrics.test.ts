import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { routes, type Route } from '@chatelaine/api'
import { allManagementScopes, verificationCodes } from '@chatelaine/core'
import { createApp } from '../../packages/server/src/http/app.ts'
import { metricsTable } from '../../packages/server/src/metrics/table.ts'
import { openDeployment, secretOf, type Deployment, type Said } from './deployment.ts'
import { metricsPage, processMetrics } from './metrics-page.ts'

test('docs/reference/metrics.md says what the table of the metrics says', () => {
  const page = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8')
  assert.equal(page, metricsPage(), 'write it anew: node tests/http/metrics-page.ts > docs/reference/metrics.md')
})

/** What `/metrics` says, by name and labels. */
async function readFrom(deployment: Deployment, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const answer = await deployment.send('GET', '/metrics', { headers })
  assert.equal(answer.status, 200, answer.detail)
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const lines = String(answer.body).split('\n')
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  )
}

function difference(before: Map<string, number>, after: Map<string, number>, name: string): number {
  return (after.get(name) ?? 0) - (before.get(name) ?? 0)
}

describe('metrics', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  test('are every one of the table, and those of the process', async () => {
    const answer = await deployment.send('GET', '/metrics')
    const names = [...String(answer.body).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`)
    for (const { name, type } of Object.values(metricsTable)) assert.ok(names.includes(`${name} ${type}`), name)
    for (const [name] of processMetrics)
      assert.ok(
        names.some((line) => line.startsWith(`${name} `)),
        name,
      )
  })

  test('count verifications by how they ended, from memory and not, and requests by route and status', async () => {
    const { token } = await deployment.member('counted')
    const verify = async (presented: string) => {
      await deployment.ask('verifyToken', { as: deployment.root, body: { token: presented } })
    }
    await verify(deployment.root)
    const earlier = await readFrom(deployment)
    for (let time = 0; time < 3; time += 1) await verify(token)
    await verify('no token')
    await deployment.ask('verifyToken', { as: 'chl_acc_dead', body: { token } })
    const later = await readFrom(deployment)
    const by = (name: string) => difference(earlier, later, name)
    // Each request carries the token that asks besides the one that is asked about.
    assert.equal(by('chatelaine_verifications_total{code="valid"}'), 4 + 3)
    assert.equal(by('chatelaine_verifications_total{code="malformed"}'), 2)
    assert.equal(by('chatelaine_memory_misses_total'), 1)
    assert.equal(by('chatelaine_memory_hits_total'), 4 + 2)
    const requests = (status: number) =>
      by(`chatelaine_http_requests_total{method="POST",route="/api/v1/tokens/verify",status="${status}"}`)
    assert.deepEqual([requests(200), requests(401)], [4, 1])
    assert.ok((later.get('chatelaine_memory_tokens') ?? 0) >= 2)
    assert.ok((later.get('chatelaine_verification_duration_seconds_count{route="/api/v1/tokens/verify"}') ?? 0) >= 1)
  })

  test('time commits, and how soon what takes away is in force', async () => {
    const earlier = await readFrom(deployment)
    const { tokenId } = await deployment.member('revoked')
    const between = await readFrom(deployment)
    await deployment.ask('revokeToken', { as: deployment.root, params: { id: tokenId } })
    const later = await readFrom(deployment)
    assert.ok(difference(earlier, between, 'chatelaine_commit_duration_seconds_count') >= 2)
    assert.equal(difference(earlier, between, 'chatelaine_revocation_lag_seconds_count'), 0)
    assert.equal(difference(between, later, 'chatelaine_revocation_lag_seconds_count'), 1)
    assert.ok((later.get('chatelaine_revocation_lag_seconds_sum') ?? -1) >= 0)
  })

  test('count the verifiers that follow the log, and those of them that wait', async () => {
    const poll = (query: Said['query']) =>
      deployment.ask('readChanges', { as: deployment.root, query: { verifier: 'measured', ...query } })
    const { body } = await poll({})
    const waiting = poll({ since: body.position, lease_ms: '60000' })
    let figures = await readFrom(deployment)
    while (figures.get('chatelaine_feed_waiting') === 0) figures = await readFrom(deployment)
    const { body: replaced } = await poll({ since: body.position, lease_ms: '0', wait_ms: '0' })
    assert.deepEqual([(await waiting).body.entries, replaced.entries], [[], []])
    assert.equal(figures.get('chatelaine_feed_followers'), 1)
    assert.equal(figures.get('chatelaine_feed_waiting'), 1)
    assert.equal(figures.get('chatelaine_feed_settling'), 0)
    assert.equal((await readFrom(deployment)).get('chatelaine_feed_waiting'), 0)
  })

  test('have nothing in a label but routes, methods, statuses, codes and bounds, whatever is asked for', async () => {
    const { token, tokenId, id } = await deployment.member('labelled')
    await deployment.send('GET', `/api/v1/tokens/${tokenId}`, { as: token })
    await deployment.send('GET', `/api/v1/accounts/${id}`, { as: token })
    await deployment.send('GET', `/nowhere/${token}`, { as: token })
    await deployment.send('POST', `/oauth/introspect?x=${tokenId}`, { form: { token } })
    const values = new Map<string, Set<string>>()
    for (const name of (await readFrom(deployment)).keys()) {
      if (!name.startsWith('chatelaine_')) continue
      for (const [, label = '', value = ''] of name.matchAll(/(\w+)="([^"]*)"/g)) {
        values.set(label, (values.get(label) ?? new Set()).add(value))
      }
    }
    const patterns = new Set<string>(['none', ...Object.values<Route>(routes).map(({ path }) => path)])
    const allowed: Record<string, (value: string) => boolean> = {
      route: (value) => patterns.has(value),
      method: (value) => /^[A-Z]+$/.test(value),
      status: (value) => /^\d{3}$/.test(value),
      code: (value) => Object.hasOwn(verificationCodes, value),
      le: (value) => value === '+Inf' || Number.isFinite(Number(value)),
    }
    for (const [label, seen] of values)
      for (const value of seen) assert.ok(allowed[label]?.(value), `${label}=${value}`)
  })
})

describe('who may read the metrics', () => {
  async function trying(mode: string, check: (deployment: Deployment) => Promise<void>): Promise<void> {
    const deployment = await openDeployment({ CHATELAINE_METRICS: mode, CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' })
    try {
      await check(deployment)
    } finally {
      await deployment.close()
    }
  }

  test('loopback: whoever asks from the machine itself, with or without a token', () =>
    trying('loopback', async (deployment) => {
      await readFrom(deployment)
      await readFrom(deployment, { authorization: `Bearer ${deployment.root}` })
    }))

  test('loopback: not what a proxy on the machine passes on, nor what comes from elsewhere, whatever it claims', () =>
    trying('loopback', async (deployment) => {
      for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded']) {
        const answer = await deployment.ask('getMetrics', { headers: { [name]: '127.0.0.1' } })
        assert.equal(answer.problem, 'not-permitted', name)
      }
      // Without a socket nobody knows from where a request came.
      const answer = await createApp(deployment.service).fetch(new Request(`${deployment.origin}/metrics`))
      assert.equal(answer.status, 403)
    }))

  test('token: a manager with chatelaine.audit:read, and nobody else', () =>
    trying('token', async (deployment) => {
      const manager = async (scopes: readonly string[]) =>
        secretOf(await deployment.ask('createToken', { as: deployment.root, body: { kind: 'manager', scopes } }))
      const reader = await manager(['chatelaine.audit:read'])
      await readFrom(deployment, { authorization: `Bearer ${reader}` })
      const others = allManagementScopes.filter((scope) => scope !== 'chatelaine.audit:read')
      const { token } = await deployment.member('eve', { scopes: ['*', 'chatelaine.audit:read'] })
      const problemFor = async (as?: string) =>
        (await deployment.ask('getMetrics', as === undefined ? {} : { as })).problem
      assert.equal(await problemFor(), 'credential-required')
      assert.equal(await problemFor(await manager(others)), 'scope-missing')
      assert.equal(await problemFor(token), 'not-permitted')
    }))

  test('off: nobody', () =>
    trying('off', async (deployment) => {
      assert.equal((await deployment.ask('getMetrics')).problem, 'not-found')
      assert.equal((await deployment.ask('getMetrics', { as: deployment.root })).problem, 'not-found')
    }))
})
