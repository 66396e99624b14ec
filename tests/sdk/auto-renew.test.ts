import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { createClient } from '@chatelaine/sdk'
import {
  autoRenew,
  CredentialError,
  loadToken,
  readTokenFile,
  writeTokenFile,
  type LoadedToken,
} from '@chatelaine/sdk/node'
import { openDeployment, type Deployment } from '../http/deployment.ts'

const dayMs = 86_400_000

describe('a token that renews itself', () => {
  let deployment: Deployment
  let directory: string
  let file: string

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-renewal-'))
    file = join(directory, 'my.token')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  const root = () => createClient({ url: deployment.origin, token: deployment.root })
  const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString()

  /** A token in the file, which may renew itself for a week. */
  async function keep(body: object = { renewable_until: inDays(7) }): Promise<LoadedToken> {
    const account = await root().accounts.create({ username: crypto.randomUUID() })
    const { token } = await root().tokens.create({ account_id: account.id, ...body })
    await writeTokenFile(file, token)
    return loadToken({ file })
  }

  async function kept(): Promise<string> {
    const token = await readTokenFile(file)
    assert.ok(token !== undefined)
    return token.reveal()
  }

  const isGood = async (token: string) => (await root().tokens.verify({ token })).valid

  /** Runs the program; `killed` when it did not come to its end. Its holder is dead whenever one alone finds a lock. */
  function run(times: number, step?: number, staleMs = 300): Promise<{ killed: boolean; steps: number }> {
    const program = join(import.meta.dirname, 'renewing.ts')
    const given = [program, deployment.origin, file, times, staleMs, ...(step === undefined ? [] : [step])].map(String)
    return new Promise((resolve, reject) => {
      execFile(process.execPath, given, (error, output, complaint) => {
        if (error !== null && error.signal !== 'SIGKILL') reject(new Error(complaint, { cause: error }))
        else resolve({ killed: error !== null, steps: Number(output) })
      })
    })
  }

  test('keeps its new secret where the old one was, for its owner alone, before anybody uses it', async () => {
    const token = await keep()
    const renewal = await autoRenew({ url: deployment.origin, token })
    const expiredAt = Date.parse(renewal.expiresAt!)
    await renewal.renew()
    assert.notEqual(await kept(), token.reveal())
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok(Date.parse(renewal.expiresAt!) > expiredAt)
    const { rotation } = await root().tokens.get((await root().tokens.verify({ token: token.reveal() })).token_id!)
    assert.equal(rotation?.state, 'pending')
    assert.equal((await renewal.token()).reveal(), await kept())
    assert.ok(await isGood(await kept()))
    renewal.close()
  })

  test('renews by itself when two thirds of its life are over', async () => {
    const token = await keep({ lifetime_seconds: 2, renewable_until: inDays(7) })
    const began = Date.now()
    const renewed = Promise.withResolvers<void>()
    const renewal = await autoRenew({ url: deployment.origin, token, onRenewed: () => renewed.resolve() })
    await renewed.promise
    assert.ok(Date.now() - began < 2_000)
    assert.notEqual(await kept(), token.reveal())
    assert.ok(await isGood(await kept()))
    renewal.close()
  })

  test('takes up what another process has kept meanwhile', async () => {
    const token = await keep()
    const renewal = await autoRenew({ url: deployment.origin, token })
    const other = await autoRenew({ url: deployment.origin, token: await loadToken({ file }) })
    await other.renew()
    await renewal.renew()
    assert.equal((await renewal.token()).reveal(), await kept())
    assert.equal((await other.token()).reveal(), await kept())
    renewal.close()
    other.close()
  })

  test('killed at any step, the program comes back with a token that works', async () => {
    await keep()
    const { steps } = await run(1)
    assert.ok(steps > 10, `only ${steps} steps were seen`)
    for (let step = 1; step <= steps; step++) {
      assert.ok((await run(1, step)).killed, `it was not killed at step ${step}`)
      assert.ok(await isGood(await kept()), `after step ${step} the file holds a dead token`)
    }
    assert.equal((await run(1)).killed, false)
    assert.ok(await isGood(await kept()))
    const left = readdirSync(directory).filter((name) => name !== 'my.token' && !/^\.my\.token\.lock-\d+$/.test(name))
    assert.deepEqual(left, [], 'drafts of killed programs were left behind')
  })

  test('several processes that share a file renew it at the same time, and all of them go on', async () => {
    await keep()
    const ended = await Promise.all(Array.from({ length: 4 }, () => run(5, undefined, 30_000)))
    assert.ok(ended.every(({ killed }) => !killed))
    assert.ok(await isGood(await kept()))
  })

  test('a token that was not made for it is refused, and so is one that has no place to be kept in', async () => {
    const ordinary = await keep({})
    const reason = (key: string) => (error: unknown) => error instanceof CredentialError && error.key === key
    await assert.rejects(autoRenew({ url: deployment.origin, token: ordinary }), reason('not-renewable'))
    const given = await loadToken({ token: await kept() })
    await assert.rejects(autoRenew({ url: deployment.origin, token: given }), reason('not-renewable'))
  })

  test('a dead token is told at once', async () => {
    const token = await keep()
    await root().oauth.revoke({ token: token.reveal() })
    await assert.rejects(autoRenew({ url: deployment.origin, token }), { key: 'credential-rejected' })
  })
})
