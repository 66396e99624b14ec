import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask } from '../start/api.ts'
import { runServer } from '../start/processes.ts'
import {
  askAnew,
  childrenOf,
  isAlive,
  issueToken,
  openLines,
  options,
  revokeCertainly,
  startSeveral,
} from './several.ts'

/** The lease of a memory and its margin, and a little for the way. */
const frozenBarrierMsMax = 2_500

describe('several processes on one database', options, () => {
  test('accept nothing that was revoked, whichever is asked', async (context) => {
    const several = await startSeveral(context, 3)
    assert.equal(several.answering().length, 3)
    const lines = openLines(context, several)
    for (let round = 0; round < 20; round += 1) {
      const { id, token } = await issueToken(several)
      const before = await Promise.all(lines.map((line) => line.verify(token)))
      assert.deepEqual(new Set(before), new Set(['valid']))
      await revokeCertainly(several, id)
      const after = await Promise.all(lines.map((line) => line.verify(token)))
      assert.deepEqual(new Set(after), new Set(['revoked']))
    }
  })

  test('have five permanent tokens where five are allowed, one valid verification of one use, and 100 of a rate of 100', async (context) => {
    const several = await startSeveral(context, 3)
    const { origin, manager } = several
    const account = await ask(origin, 'POST', '/api/v1/accounts', { token: manager, body: { username: 'ada' } })
    const make = (more: object) =>
      ask(origin, 'POST', '/api/v1/tokens', {
        token: manager,
        body: { account_id: account.body.id, label: 'raced', ...more },
      })
    const raced = await Promise.all(Array.from({ length: 30 }, () => make({ permanent: true })))
    assert.equal(raced.filter(({ status }) => status === 201).length, 5)

    const lines = openLines(context, several, 48)
    const verifyTimes = async (token: unknown, times: number) => {
      const codes = await Promise.all(Array.from({ length: times }, (_, n) => lines[n % 48]!.verify(String(token))))
      return codes.filter((code) => code === 'valid').length
    }
    const once = await make({ uses_remaining: 1 })
    assert.equal(await verifyTimes(once.body.token, 200), 1)
    const limited = await make({ rate_limit: { limit: 100, window_seconds: 3_600 } })
    assert.equal(await verifyTimes(limited.body.token, 2_000), 100)
  })

  test('show what all of them have measured, whichever is asked', async (context) => {
    const several = await startSeveral(context, 2)
    const { token } = await issueToken(several)
    const lines = openLines(context, several)
    for (let round = 0; round < 5; round += 1) await Promise.all(lines.map((line) => line.verify(token)))
    const page = await (await fetch(`${several.origin}/metrics`)).text()
    const accepted =
      /^chatelaine_http_requests_total\{method="POST",route="\/api\/v1\/tokens\/verify",status="200"\} (\d+)$/m
    assert.equal(accepted.exec(page)?.[1], String(5 * lines.length))
    assert.match(page, /^chatelaine_commit_duration_seconds_count [1-9]/m)
    assert.match(page, /^chatelaine_instances 2$/m)
    // Each sees the others when it next looks for them.
    const facts = async () => (await ask(several.origin, 'GET', '/api/v1/server', { token: several.manager })).body
    while ((await facts()).instance_count !== 2);
    assert.equal(((await facts()).database as { kind: string }).kind, 'sqlite')
  })

  test('count together how often and from where a token was accepted', async (context) => {
    const several = await startSeveral(context, 2)
    const { origin, manager } = several
    const { id, token } = await issueToken(several)
    const lines = openLines(context, several)
    for (let round = 0; round < 5; round += 1) await Promise.all(lines.map((line) => line.verify(token)))
    const verify = (ip: string) =>
      ask(origin, 'POST', '/api/v1/tokens/verify', { token: manager, body: { token, client_ip: ip } })
    for (let time = 0; time < 10; time += 1) await verify('203.0.113.7')
    const usage = async () => (await ask(origin, 'GET', `/api/v1/tokens/${id}/usage`, { token: manager })).body
    const addressesOf = ({ addresses }: Record<string, unknown>) =>
      (addresses as { ip: string | null; accepted: number }[]).map(({ ip, accepted }) => [ip, accepted])
    const expected = [
      [null, 5 * lines.length],
      ['203.0.113.7', 10],
    ].toSorted(([, a], [, b]) => Number(b) - Number(a))
    const countOf = (all: readonly unknown[][]) => all.reduce((sum, [, accepted]) => sum + Number(accepted), 0)
    while (countOf(addressesOf(await usage())) < countOf(expected));
    assert.deepEqual(addressesOf(await usage()), expected)
  })

  test('go on when the one that writes is killed, and have everything that was acknowledged', async (context) => {
    const several = await startSeveral(context, 2)
    const { origin, manager } = several
    const lines = openLines(context, several, 4)
    const kept: { id: string; token: string }[] = []
    const revoked: { id: string; token: string }[] = []
    const victims = await Promise.all(Array.from({ length: 40 }, () => issueToken(several)))
    const account = await ask(origin, 'POST', '/api/v1/accounts', { token: manager, body: { username: 'ada' } })
    // On a fast machine more than the thousand are made that an account may have.
    const settings = await ask(origin, 'GET', '/api/v1/settings', { token: manager })
    const body = { policy: { ...Object(settings.body.policy), tokens_per_owner_max: 100_000 } }
    assert.equal((await ask(origin, 'PUT', '/api/v1/settings', { token: manager, body })).status, 200)
    const load = { isOver: false }
    const making = async () => {
      while (!load.isOver) {
        const { status, body } = await ask(origin, 'POST', '/api/v1/tokens', {
          token: manager,
          body: { account_id: account.body.id, label: 'kept' },
        })
        if (status === 201) kept.push({ id: String(body.id), token: String(body.token) })
        else assert.equal(status, 503, JSON.stringify(body))
      }
    }
    const taking = async () => {
      for (const victim of victims) {
        await revokeCertainly(several, victim.id)
        revoked.push(victim)
        assert.equal(await lines[0]!.verify(victim.token), 'revoked')
      }
    }
    const makers = [making(), making()]
    const taker = taking()
    for (let kill = 0; kill < 3; kill += 1) {
      const writer = several.writer()
      const keptBefore = kept.length
      process.kill(writer, 'SIGKILL')
      // Another writes as soon as something is made again.
      while (kept.length < keptBefore + 20) await ask(origin, 'GET', '/healthz')
      assert.notEqual(several.writer(), writer)
    }
    await taker
    load.isOver = true
    await Promise.all(makers)
    assert.equal(revoked.length, victims.length)
    for (const { token } of kept) assert.equal(await lines[1]!.verify(token), 'valid')
    for (const { token } of revoked) assert.equal(await lines[2]!.verify(token), 'revoked')
  })

  test('go on when one that answers is killed, and do not wait for it', async (context) => {
    const several = await startSeveral(context, 2)
    const { id, token } = await issueToken(several)
    // For the time of a lease after its start a process does not know whom it would have to wait for.
    await revokeCertainly(several, (await issueToken(several)).id)
    const victim = several.answering()[0]!
    process.kill(victim, 'SIGKILL')
    await several.server.says(/another takes its place/)
    assert.ok((await revokeCertainly(several, id)) < 2_000, 'its lease, which nobody has any more, would take longer')
    const lines = openLines(context, several)
    assert.deepEqual(new Set(await Promise.all(lines.map((line) => line.verify(token)))), new Set(['revoked']))
    while (several.answering().length < 2) await ask(several.origin, 'GET', '/healthz')
    assert.ok(!several.answering().includes(victim))
  })

  test('answer a revocation within 2.5 s while one of them is frozen, which accepts nothing stale when it goes on', async (context) => {
    const several = await startSeveral(context, 2)
    const lines = openLines(context, several, 32)
    for (const frozen of several.answering()) {
      const { id, token } = await issueToken(several)
      assert.deepEqual(new Set(await Promise.all(lines.map((line) => line.verify(token)))), new Set(['valid']))
      process.kill(frozen, 'SIGSTOP')
      // No new connection waits for the one that cannot take it.
      for (let asked = 0; asked < 10; asked += 1) assert.equal(await askAnew(several, 'GET', '/healthz'), 200)
      assert.ok((await revokeCertainly(several, id)) < frozenBarrierMsMax)
      const late = lines.map((line) => line.verify(token))
      process.kill(frozen, 'SIGCONT')
      assert.deepEqual(new Set(await Promise.all(late)), new Set(['revoked']))
      assert.ok(isAlive(frozen))
    }
  })

  test('verify while the one that writes is frozen, and write again when another has taken its place', async (context) => {
    const several = await startSeveral(context, 2)
    const [one, other] = [await issueToken(several), await issueToken(several)]
    const lines = openLines(context, several)
    const codesOf = async (token: string) => new Set(await Promise.all(lines.map((line) => line.verify(token))))
    assert.deepEqual(await codesOf(other.token), new Set(['valid']))
    const frozen = several.writer()
    process.kill(frozen, 'SIGSTOP')
    const progress = { isRevoked: false }
    const revoking = revokeCertainly(several, one.id).then(() => (progress.isRevoked = true))
    while (!progress.isRevoked) assert.deepEqual(await codesOf(other.token), new Set(['valid']))
    await revoking
    assert.deepEqual(await codesOf(one.token), new Set(['revoked']))
    assert.ok(!isAlive(frozen), 'it cannot go on beside its successor')
  })

  test('end in order within 10 s, and at once when the one that started them is killed', async (context) => {
    const first = await startSeveral(context, 2)
    const members = [first.writer(), ...first.answering()]
    const beganAt = performance.now()
    first.server.signal('SIGTERM')
    assert.equal((await first.server.ended).code, 0)
    assert.ok(performance.now() - beganAt < 10_000)
    assert.deepEqual(members.filter(isAlive), [])

    const second = await startSeveral(context, 2)
    const others = [second.writer(), ...second.answering()]
    second.server.signal('SIGKILL')
    await second.server.ended
    while (others.some(isAlive)) await new Promise(setImmediate)
  })

  test('have the data directory to themselves, until the last of them has ended', async (context) => {
    const several = await startSeveral(context, 2)
    const { directory, server, manager } = several
    for (const processes of ['1', '2']) {
      const { code, told } = await runServer(directory, { CHATELAINE_PROCESSES: processes }).ended
      assert.equal(code, 1)
      assert.match(told, /is in use by another process/)
    }
    const frozen = several.answering()[0]!
    process.kill(frozen, 'SIGSTOP')
    context.after(() => isAlive(frozen) && process.kill(frozen, 'SIGKILL'))
    server.child.stdout?.destroy()
    server.child.stderr?.destroy()
    const ended = new Promise((resolve) => server.child.once('exit', resolve))
    server.signal('SIGKILL')
    await ended
    assert.equal((await runServer(directory).ended).code, 1)
    process.kill(frozen, 'SIGKILL')
    while (isAlive(frozen)) await new Promise(setImmediate)
    const next = runServer(directory)
    const origin = await next.ready()
    assert.equal((await ask(origin, 'GET', '/api/v1/accounts', { token: manager })).status, 200)
    next.signal('SIGTERM')
    assert.equal((await next.ended).code, 0)
  })

  test('that cannot start say why once, and leave nobody behind', async (context) => {
    const several = await startSeveral(context, 2)
    const { port } = new URL(several.origin)
    const other = await startSeveral(context, 2)
    const { code, told } = await runServer(`${other.directory}/elsewhere`.replace('/elsewhere', ''), {
      CHATELAINE_PROCESSES: '2',
      CHATELAINE_DATA: 'elsewhere',
      CHATELAINE_LISTEN: `127.0.0.1:${port}`,
    }).ended
    assert.equal(code, 1)
    assert.equal(told.match(/is in use by another program/g)?.length, 1)
    assert.equal(childrenOf(several.server.child.pid!, 'answering.ts').length, 2)
  })
})
