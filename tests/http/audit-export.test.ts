import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { after, before, describe, test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import {
  actorOf,
  deployment as wholeDeployment,
  operatorCaller,
  verifyExportText,
  type Change,
  type ExportReport,
} from '@chatelaine/core'
import { verifySignature } from '@chatelaine/token/keys'
import { exportsAtOnceMax } from '../../packages/server/src/http/audit-export.ts'
import { goodPassword, openDeployment, secretOf, type Deployment, type Member, type Said } from './deployment.ts'

const minuteMs = 60_000

describe('an export of the audit log', () => {
  let deployment: Deployment
  let ada: Member
  let eve: Member
  /** When the second half of what is in the log began. */
  let noon: string

  before(async () => {
    deployment = await openDeployment()
    const { ask, root, clock } = deployment
    ada = await deployment.member('ada')
    eve = await deployment.member('eve')
    clock.advance(minuteMs)
    noon = new Date(clock.now()).toISOString()
    clock.advance(minuteMs)
    const { id } = (await ask('createToken', { as: ada.token, body: { label: "=cmd|' /C calc'!A0" } })).body
    await ask('updateToken', { as: ada.token, params: { id }, body: { label: '@SUM(1,"2")\u2028 é' } })
    await ask('revokeToken', { as: root, params: { id }, query: { reason: '-1+1' } })
    await ask('createToken', { as: eve.token, body: { label: 'of eve' } })
  })
  after(() => deployment.close())

  const entries = async (said: Said = {}) => {
    const answer = await deployment.ask('listAuditEntries', { as: deployment.root, ...said })
    assert.equal(answer.status, 200, answer.detail)
    return answer.body.data
  }

  const exported = async (said: Said = {}) => {
    const answer = await deployment.ask('exportAudit', { as: deployment.root, ...said })
    assert.equal(answer.status, 200, answer.detail)
    assert.ok(typeof answer.body === 'string')
    return { text: answer.body, headers: answer.headers }
  }

  async function checked(text: string): Promise<ExportReport> {
    const { keys } = (await deployment.ask('getAuditKeys')).body
    const publicKeys = new Map(keys.map(({ key_id, public_key }) => [key_id, public_key]))
    return verifyExportText(
      text.trimEnd().split('\n'),
      (line) => hash('sha256', line),
      (keyId, signed, signature) => verifySignature(publicKeys.get(keyId) ?? '', Buffer.from(signed), signature),
    )
  }

  /** A token of an account that may read its log. */
  async function reader(member: Member): Promise<string> {
    const body = { account_id: member.id, scopes: ['chatelaine.audit:read'] }
    return secretOf(await deployment.ask('createToken', { as: deployment.root, body }))
  }

  test('a filter by time takes what happened at its beginning, and not what happened at its end', async () => {
    const all = await entries()
    assert.deepEqual(await entries({ query: { from: noon } }), all.slice(0, 4))
    assert.deepEqual(await entries({ query: { until: noon } }), all.slice(4))
    const { at } = all[2]!
    assert.ok((await entries({ query: { from: at } })).some((entry) => entry.at === at))
    assert.ok((await entries({ query: { until: at } })).every((entry) => entry.at < at))
  })

  test('a filter that nothing can fit is named, for the list as for the export', async () => {
    const wrong: [Record<string, string>, string][] = [
      [{ action: 'token.eaten' }, '/action'],
      [{ action: 'constructor' }, '/action'],
      [{ actor: 'ada' }, '/actor'],
      [{ subject: 'tok_1' }, '/subject'],
      [{ from: 'yesterday' }, '/from'],
      [{ from: noon, until: noon }, '/until'],
      [{ format: 'xml' }, '/format'],
    ]
    for (const [query, pointer] of wrong) {
      const routes = 'format' in query ? (['exportAudit'] as const) : (['listAuditEntries', 'exportAudit'] as const)
      for (const route of routes) {
        const answer = await deployment.ask(route, { as: deployment.root, query })
        assert.deepEqual([answer.problem, answer.pointers], ['invalid-request', [pointer]])
      }
    }
  })

  describe('an export as JSON lines', () => {
    test('shows every entry as the list does, oldest first, and verifies with the keys that anybody may have', async () => {
      const { text, headers } = await exported()
      const rows = text
        .trimEnd()
        .split('\n')
        .flatMap((line) => JSON.parse(line).entry ?? [])
      assert.deepEqual(rows, (await entries()).toReversed())
      const report = await checked(text)
      assert.ok(report.intact, JSON.stringify(report))
      assert.deepEqual([report.rows, report.omitted], [rows.length, 0])
      assert.equal(headers.get('content-type'), 'application/jsonl')
      assert.equal(headers.get('x-chatelaine-verifiable'), 'yes')
      assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="audit-\d{4}-\d\d-\d\d\.jsonl"$/)
    })

    test('shows of what the filters leave out the bare hash, and verifies all the same', async () => {
      const { text } = await exported({ query: { actor: ada.id, from: noon } })
      assert.ok(!text.includes('of eve') && !text.includes(eve.id))
      const report = await checked(text)
      assert.ok(report.intact, JSON.stringify(report))
      assert.deepEqual([report.rows, report.omitted], [4, 2])
      assert.deepEqual(report.beginning.filters, { actorId: ada.id, from: Date.parse(noon) })
    })

    test('ends with the log as it was when the answer began', async () => {
      const before = deployment.changeCount()
      const response = await fetch(`${deployment.origin}/api/v1/audit/export`, {
        headers: { authorization: `Bearer ${deployment.root}` },
      })
      await deployment.ask('createToken', { as: eve.token, body: {} })
      const report = await checked(await response.text())
      assert.ok(report.intact)
      assert.equal(report.beginning.extent.lastSeq, before)
    })

    test('is for those who may read everything', async () => {
      const token = await reader(ada)
      const body = { username: 'bob', password: goodPassword }
      await deployment.ask('createAccount', { as: deployment.root, body })
      const cookie = await deployment.signIn('bob', goodPassword)
      for (const said of [{ as: token }, { cookie }]) {
        const answer = await deployment.ask('exportAudit', said)
        assert.equal(answer.problem, 'not-permitted')
        assert.match(answer.detail, /CSV/)
      }
    })
  })

  describe('an export as CSV', () => {
    const csv = { format: 'csv' }

    test('shows what the list shows, newest first, and says that it cannot be verified', async () => {
      const { text, headers } = await exported({ query: { ...csv, from: noon } })
      const [names, ...records] = parseCsv(text)
      const listed = await entries({ query: { from: noon } })
      assert.deepEqual(
        records.map((record) => [record[names!.indexOf('seq')], record[names!.indexOf('action')]]),
        listed.map(({ seq, action }) => [seq, action]),
      )
      assert.deepEqual(
        records.map((record) => JSON.parse(record[names!.indexOf('details')]!)),
        listed.map(({ details }) => details),
      )
      assert.equal(headers.get('content-type'), 'text/csv; charset=utf-8; header=present')
      assert.equal(headers.get('x-chatelaine-verifiable'), 'no')
    })

    test('says in its name and in every row that it cannot be verified, for whoever has no more than the file', async () => {
      const { text, headers } = await exported({ query: csv })
      const name = /^attachment; filename="audit-\d{4}-\d\d-\d\d-unverifiable\.csv"$/
      assert.match(headers.get('content-disposition') ?? '', name)
      const [names, ...records] = parseCsv(text)
      assert.equal(names?.at(-1), 'verifiable')
      assert.deepEqual(new Set(records.map((record) => record.at(-1))), new Set(['no']))
    })

    test('holds no cell that a spreadsheet would carry out', async () => {
      const headers = { 'user-agent': '=HYPERLINK("http://evil.example","x")' }
      await deployment.ask('createToken', { as: ada.token, body: {}, headers })
      const { text } = await exported({ query: csv })
      for (const cell of parseCsv(text).flat()) assert.doesNotMatch(cell, /^[=+\-@\t\r]/)
      assert.ok(text.includes(`"'=HYPERLINK(""http://evil.example"",""x"")"`))
    })

    test('holds for a person what concerns the own account', async () => {
      const { text } = await exported({ as: await reader(ada), query: csv })
      const seqs = parseCsv(text)
        .slice(1)
        .map(([seq]) => seq)
      const own = await entries({ as: await reader(ada) })
      assert.deepEqual(seqs, own.map(({ seq }) => seq).slice(1))
      assert.ok(!text.includes(eve.id) && !text.includes(eve.tokenId))
    })

    test('holds all of it, however many pages of the list that is', async () => {
      await fill(deployment, 450, 10)
      const { text } = await exported({ query: csv })
      const seqs = parseCsv(text)
        .slice(1)
        .map(([seq]) => Number(seq?.split('.')[1]))
      assert.deepEqual(
        seqs,
        Array.from({ length: deployment.changeCount() }, (_, index) => deployment.changeCount() - index),
      )
    })
  })

  test('the audit keys are shown to anybody, also as JSON Web Keys', async () => {
    const { keys } = (await deployment.ask('getAuditKeys')).body
    assert.equal(keys.length, 1)
    const { key_id, public_key, jwk } = keys[0]!
    assert.equal(jwk.kid, key_id)
    assert.deepEqual(Buffer.from(jwk.x, 'base64url'), Buffer.from(public_key, 'base64'))
    const imported = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', true, ['verify'])
    assert.deepEqual(Buffer.from(await crypto.subtle.exportKey('raw', imported)), Buffer.from(public_key, 'base64'))
  })
})

describe('exports of a large log', () => {
  /** More than the buffers of a connection hold, so that whoever does not read holds the server up. */
  const rowsMin = 4_000
  const detailChars = 5_000

  async function open(
    context: TestContext,
  ): Promise<{ deployment: Deployment; begin: () => Promise<IncomingMessage> }> {
    const deployment = await openDeployment()
    context.after(() => deployment.close())
    await fill(deployment, rowsMin, detailChars)
    const headers = { authorization: `Bearer ${deployment.root}` }
    const begin = (): Promise<IncomingMessage> =>
      new Promise((resolve, reject) => {
        const request = get(`${deployment.origin}/api/v1/audit/export`, { headers, agent: false }, resolve)
        request.on('error', reject)
      })
    return { deployment, begin }
  }

  test('are read as they are taken, a few at once; one that is given up makes room for the next', async (context) => {
    const { deployment, begin } = await open(context)
    const stalled = await Promise.all(Array.from({ length: exportsAtOnceMax }, begin))
    for (const { statusCode } of stalled) assert.equal(statusCode, 200)
    const refused = await deployment.ask('exportAudit', { as: deployment.root })
    assert.equal(refused.problem, 'unavailable')
    assert.equal(refused.headers.get('retry-after'), '10')
    const verified = await deployment.ask('verifyToken', { as: deployment.root, body: { token: deployment.root } })
    assert.equal(verified.status, 200)

    stalled[0]!.destroy()
    let next = await begin()
    while (next.statusCode === 503) {
      next.resume()
      await setImmediate()
      next = await begin()
    }
    assert.equal(next.statusCode, 200)
    let bytes = 0
    for await (const chunk of next) bytes += (chunk as Buffer).length
    assert.ok(bytes > rowsMin * detailChars)
    for (const one of stalled) one.destroy()
  })

  test('take no room where only their head is asked for', async (context) => {
    const { deployment } = await open(context)
    for (let time = 0; time <= exportsAtOnceMax; time += 1) {
      const head = await deployment.send('HEAD', '/api/v1/audit/export', { as: deployment.root })
      assert.equal(head.status, 200)
      assert.equal(head.headers.get('x-chatelaine-verifiable'), 'yes')
    }
    assert.equal((await deployment.ask('exportAudit', { as: deployment.root })).status, 200)
  })
})

/** Writes entries into the log that say a lot. */
async function fill({ service }: Deployment, count: number, detailChars: number): Promise<void> {
  const change: Change = {
    at: service.ports.clock.now(),
    actor: actorOf(operatorCaller),
    action: 'deployment.key_added',
    effect: 'none',
    subject: wholeDeployment,
    details: { padding: 'x'.repeat(detailChars) },
    write: { put: 'nothing' },
    guards: [],
  }
  for (let done = 0; done < count; done += 100) {
    const outcome = await service.ports.log.commit(Array.from({ length: Math.min(100, count - done) }, () => change))
    assert.equal(outcome.outcome, 'committed')
  }
}

/** RFC 4180 §2, the rules that a reader needs. */
function parseCsv(text: string): string[][] {
  assert.ok(text.endsWith('\r\n'))
  const records: string[][] = [[]]
  for (const [, quoted, end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    records.at(-1)!.push(quoted!.replaceAll('""', '"'))
    if (end === '\r\n') records.push([])
  }
  assert.deepEqual(records.pop(), [])
  return records
}
