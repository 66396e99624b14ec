import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerOf } from '@chatelaine/api'
import { FeedReader, formatPosition, parsePosition } from '@chatelaine/core/freshness'
import { openDeployment, secretOf, type Deployment } from './deployment.ts'

type Valid = Extract<AnswerOf<'verifyToken', 200>, { valid: true }>

const revocations = 60

/** What a service has that follows the log: the protocol, driven over HTTP until it is told to stop. */
function follow({ ask, root, clock }: Deployment) {
  const leaseMs = 10_000
  const reader = new FeedReader<Valid>({
    clock,
    leaseMs,
    rememberedMax: 1_000,
    subjectIdsOf: ({ token_id, account_id, ancestor_ids }) => [token_id, account_id ?? '', ...ancestor_ids],
  })
  const stopped = new AbortController()

  async function poll(): Promise<void> {
    const poll = reader.beginPoll()
    const query = {
      verifier: 'following-verifier',
      lease_ms: String(leaseMs),
      ...(poll.since === undefined ? {} : { since: formatPosition(poll.since) }),
    }
    const { body } = await ask('readChanges', { as: root, query })
    const { resync, entries, position, lease_ms, answered_at } = body
    reader.heard(poll, {
      isResync: resync,
      entries: entries.map(({ seq, subject_type, subject_id, effect }) => {
        return { seq, subjectType: subject_type, subjectId: subject_id, effect }
      }),
      position: parsePosition(position)!,
      leaseMs: lease_ms,
      answeredAt: Date.parse(answered_at),
    })
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) await poll()
  }

  const running = poll().then(run)
  return {
    reader,
    async verify(token: string): Promise<boolean> {
      if (reader.recall(token) !== undefined) return true
      const asking = reader.beginAsking()
      const at_least = asking.atLeast === undefined ? {} : { at_least: formatPosition(asking.atLeast) }
      const { body } = await ask('verifyToken', { as: root, body: { token, ...at_least } })
      const ids = body.valid ? [body.token_id, body.account_id ?? ''] : [body.token_id ?? '']
      const remember = body.valid && body.cacheable ? { name: token, value: body } : undefined
      if (reader.settle(asking, parsePosition(body.seq)!, ids, remember) === 'ask-again') return this.verify(token)
      return body.valid
    },
    async stop(): Promise<void> {
      stopped.abort()
      await ask('createAccount', { as: root, body: { username: 'last-news' } })
      await running
    },
  }
}

test('a verifier with a memory of its own follows each revocation soon, and has by the time that whoever waits is answered', async (context) => {
  const deployment = await openDeployment()
  const { ask, root } = deployment
  const verifier = follow(deployment)
  try {
    const { id } = await deployment.member('owner')
    const waitedMs: number[] = []
    for (let nth = 0; nth < revocations; nth += 1) {
      const made = await ask('createToken', { as: root, body: { account_id: id } })
      const token = secretOf(made)
      while (verifier.reader.recall(token) === undefined) assert.equal(await verifier.verify(token), true)
      const revoked = await ask('revokeToken', { as: root, params: { id: made.body.id }, query: { wait: 'verifiers' } })
      assert.equal(revoked.headers.get('x-chatelaine-verifiers-outstanding'), '0')
      assert.equal(revoked.headers.get('x-chatelaine-verifiers-acknowledged'), '1')
      assert.equal(verifier.reader.recall(token), undefined)
      assert.equal(await verifier.verify(token), false)
      waitedMs.push(Number(revoked.headers.get('x-chatelaine-verifiers-waited-ms')))
    }
    waitedMs.sort((a, b) => a - b)
    const [p50, p99] = [0.5, 0.99].map((part) => waitedMs[Math.floor(part * waitedMs.length)])
    context.diagnostic(
      `the verifier had followed ${p50} ms (p50) and ${p99} ms (p99) after the revocation was in force`,
    )
  } finally {
    await verifier.stop()
    await deployment.close()
  }
})
