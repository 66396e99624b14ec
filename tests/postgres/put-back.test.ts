import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import type { LogPlace, Token } from '@chatelaine/core'
import type { PostgresCommitter } from '../../packages/storage/src/postgres/write/committer.ts'
import {
  change,
  putAccount,
  putToken,
  sampleAccount,
  sampleSession,
  sampleToken,
} from '../../packages/storage/test/samples.ts'
import { newestPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import { commit, committed, directory, open, query, resultOf } from './committing.ts'
import { backUp } from './put-back.ts'

const takes = { effect: 'takes' } as const

describe('a database that is put back under running instances', { skip: absenceOf(newestPostgres()) }, () => {
  let server: PostgresServer

  before(async () => {
    server = await startPostgres(newestPostgres())
  })
  after(() => server.close())

  /** Two instances, of which one has made tokens; what is taken away now is lost when the database is put back. */
  async function putBackLater(context: TestContext, tokenCount: number) {
    const url = await server.createDatabase()
    const journals = [directory(context), directory(context)] as const
    const one = await open(context, url, { journalDirectory: journals[0] })
    const other = await open(context, url, { journalDirectory: journals[1] })
    const account = sampleAccount()
    committed(await commit(one, [putAccount(account), change({ put: 'session', session: sampleSession(account) })]))
    const tokens: Token[] = []
    for (let count = 0; count < tokenCount; count += 1) tokens.push(await made(one, sampleToken()))
    const counted = await made(one, sampleToken({ usesGranted: 5 }))
    return { url, journals, one, other, tokens, counted, putBack: await backUp(url) }
  }

  async function made(committer: PostgresCommitter, token: Token): Promise<Token> {
    const { written } = committed(await commit(committer, [putToken(token)]))
    assert.ok(written[0]?.type === 'token')
    return written[0].token
  }

  async function revoke(committer: PostgresCommitter, token: Token): Promise<void> {
    const revoked = { ...token, revokedAt: 1, revokedReason: 'gone', isActive: false }
    committed(await commit(committer, [putToken(revoked, {}, takes)]))
  }

  const tries = [{ do: 'try' }] as const
  const revokedIn = async (url: string) =>
    (await query(url, 'SELECT id FROM tokens WHERE revoked_at IS NOT NULL ORDER BY serial')).map(({ id }) => id)
  const epochsIn = async (url: string) => (await query(url, 'SELECT epoch FROM epochs ORDER BY serial')).length

  test('is not written to before each has revoked again what it knows to have been, in one epoch for all', async (context) => {
    const { url, one, other, tokens, counted, putBack } = await putBackLater(context, 3)
    const [first, second, third] = tokens as [Token, Token, Token]
    await revoke(one, first)
    await revoke(other, second)
    await revoke(one, third)
    await putBack()
    assert.deepEqual(await revokedIn(url), [])

    const asked = (await one.commit([{ do: 'commit', changes: [putToken(sampleToken())], once: undefined }])).answers
    assert.deepEqual(asked, [{ is: 'postponed' }])
    // It had heard of the other's when it wrote its own.
    assert.deepEqual(await revokedIn(url), [first.id, second.id, third.id])
    assert.deepEqual((await other.commit(tries)).answers, [{ is: 'postponed' }])
    assert.deepEqual(resultOf((await other.commit(tries)).answers[0]), undefined)
    assert.equal(await epochsIn(url), 2)
    assert.equal((await query(url, 'SELECT id FROM sessions')).length, 0)
    const [row] = await query(url, `SELECT is_active FROM tokens WHERE id = '${counted.id}'`)
    assert.equal(row?.is_active, 0)
    for (const instance of [one, other]) {
      committed(await commit(instance, [putToken(sampleToken(), {}, takes)]))
      assert.deepEqual(instance.position.epoch, one.position.epoch)
    }
  })

  test('is found out though others have written to it meanwhile, and what is known elsewhere counts too', async (context) => {
    const { url, one, tokens, putBack } = await putBackLater(context, 2)
    const [first, second] = tokens as [Token, Token]
    await revoke(one, first)
    const { chain, ...position } = await endOf(url)
    await putBack()
    // One that has just been made knows of nothing that is gone.
    const newcomer = await open(context, url)
    await revoke(newcomer, second)
    await made(newcomer, sampleToken())
    const reader = await open(context, url)
    const told: LogPlace = { ...position, chain }
    assert.deepEqual((await reader.commit(tries, [told])).answers, [{ is: 'postponed' }])
    assert.deepEqual(await revokedIn(url), [second.id])
    assert.deepEqual((await one.commit(tries)).answers, [{ is: 'postponed' }])
    assert.deepEqual(await revokedIn(url), [first.id, second.id])
    assert.equal(await epochsIn(url), 2)
    for (const instance of [reader, newcomer, one]) {
      const known = instance === reader ? [told] : []
      while ((await instance.commit(tries, known)).answers[0]?.is === 'postponed');
      committed(await commit(instance, [putToken(sampleToken(), {}, takes)]))
    }
  })

  test('is revoked in again also by an instance that did not run when others found it out', async (context) => {
    const { url, journals, one, other, tokens, putBack } = await putBackLater(context, 2)
    const [first, second] = tokens as [Token, Token]
    await revoke(one, first)
    await revoke(other, second)
    await other.close()
    await putBack()
    await one.commit(tries)
    assert.deepEqual(await revokedIn(url), [first.id])
    const again = await open(context, url, { journalDirectory: journals[1] })
    assert.deepEqual(await revokedIn(url), [first.id, second.id])
    assert.equal(await epochsIn(url), 2)
    committed(await commit(again, [putToken(sampleToken(), {}, takes)]))
  })

  test('is refused, and it is said what to do, where the journal cannot tell what was revoked', async (context) => {
    const { url, journals, one, tokens, putBack } = await putBackLater(context, 2)
    for (const token of tokens) await revoke(one, token)
    const [file] = readdirSync(journals[0])
    writeFileSync(join(journals[0], file!), 'not a line\nnot a line\n', { flag: 'a' })
    await putBack()
    const { answers, trouble } = await one.commit(tries)
    assert.equal(answers[0]?.is, 'unavailable')
    assert.equal(trouble, 'put-back')
    assert.equal(await epochsIn(url), 1)
  })

  async function endOf(url: string): Promise<LogPlace> {
    const [row] = await query(url, 'SELECT epoch, seq, chain FROM counters JOIN epochs ON serial = epoch_serial')
    return { epoch: String(row?.epoch), seq: Number(row?.seq), chain: String(row?.chain) }
  }
})
