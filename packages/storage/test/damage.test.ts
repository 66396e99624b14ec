import assert from 'node:assert/strict'
import { closeSync, openSync, statSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { accountTable } from '../src/sql/tables/account-table.ts'
import { tokenTable } from '../src/sql/tables/token-table.ts'
import { makePlace, within, type Place } from './opened.ts'
import { change, noon, sampleAccount, sampleSession, sampleToken, storeAccount, storeToken } from './samples.ts'

/** One account with a token and a session, and an account and a token of somebody else. */
async function fill(place: Place) {
  return within(place, async (storage) => {
    const account = await storeAccount(storage, sampleAccount({ role: 'admin' }))
    const token = await storeToken(storage, sampleToken({ accountId: account.id }))
    const other = await storeAccount(storage, sampleAccount())
    const otherToken = await storeToken(storage, sampleToken({ accountId: other.id }))
    const session = sampleSession(account)
    await storage.log.commit([change({ put: 'session', session })])
    return { account, token, other, otherToken, session }
  })
}

test('a token row with any sealed value altered is absent, reported by its id, and nothing else is affected', async (context) => {
  const place = await makePlace(context)
  const { token, otherToken } = await fill(place)
  for (const column of tokenTable.sealed.filter(
    (name) => !['id', 'serial', 'account_id', 'changed_seq'].includes(name),
  )) {
    place.damaged.length = 0
    place.tamper(`CREATE TABLE before AS SELECT * FROM tokens WHERE id = ?`, token.id)
    place.tamper(
      `UPDATE tokens SET ${column} = CASE WHEN typeof(${column}) = 'integer' THEN ${column} + 1 ELSE '1' END WHERE id = ?`,
      token.id,
    )
    await within(place, async ({ tokens }) => {
      assert.equal(await tokens.find(token.id), undefined, column)
      assert.equal(await tokens.findStanding(token.id), undefined, column)
      const page = await tokens.list({ sort: 'created_at', descending: false, limit: 9, now: noon })
      assert.deepEqual(page.items, [otherToken], column)
    })
    assert.deepEqual(place.damaged[0], { table: 'tokens', id: token.id })
    place.tamper(`UPDATE tokens SET ${column} = (SELECT ${column} FROM before) WHERE id = ?`, token.id)
    place.tamper('DROP TABLE before')
  }
  await within(place, async ({ tokens }) => assert.deepEqual(await tokens.find(token.id), token))
})

test('a token is absent while a token that may bound it cannot be read', async (context) => {
  const place = await makePlace(context)
  const { parent, child } = await within(place, async (storage) => {
    const account = await storeAccount(storage, sampleAccount())
    const own = { accountId: account.id, createdBy: account.id }
    const parent = await storeToken(storage, sampleToken({ ...own, rateLimit: { limit: 1, windowSeconds: 60 } }))
    return { parent, child: await storeToken(storage, sampleToken({ ...own, parentTokenId: parent.id })) }
  })
  place.tamper('UPDATE tokens SET rate_limit = NULL WHERE id = ?', parent.id)
  await within(place, async ({ tokens }) => assert.equal(await tokens.findStanding(child.id), undefined))
  place.tamper('DELETE FROM tokens WHERE id = ?', parent.id)
  await within(place, async ({ tokens }) => assert.equal(await tokens.findStanding(child.id), undefined))
})

test('an account row with any sealed value altered is absent, and no standing has it as its owner', async (context) => {
  const place = await makePlace(context)
  const { account, token } = await fill(place)
  const values: Record<string, string> = {
    role: 'member',
    status: 'other',
    password_hash: 'planted',
    name: 'x',
    email: 'x',
  }
  for (const column of accountTable.sealed.filter((name) => name in values)) {
    place.tamper(`UPDATE accounts SET ${column} = ? WHERE id = ?`, values[column]!, account.id)
    await within(place, async ({ accounts, tokens }) => {
      assert.equal(await accounts.find(account.id), undefined, column)
      assert.equal((await tokens.findStanding(token.id))?.owner ?? null, null, column)
      assert.equal(await accounts.hasAdministrator(), false, column)
    })
    const before = column === 'name' ? account.name : ({ role: 'admin', status: 'active' }[column] ?? null)
    place.tamper(`UPDATE accounts SET ${column} = ? WHERE id = ?`, before, account.id)
  }
  await within(place, async ({ accounts }) => assert.deepEqual((await accounts.find(account.id))?.id, account.id))
})

test('damaged rows hide no token that ended, or that depends on a master key, however many there are', async (context) => {
  const place = await makePlace(context)
  const sound = await within(place, async (storage) => {
    const ended = { digest: 'old:x', expiresAt: noon + 10 }
    for (let made = 0; made < 8; made += 1) await storeToken(storage, sampleToken({ ...ended, label: 'damaged' }))
    return storeToken(storage, sampleToken(ended))
  })
  place.tamper("UPDATE tokens SET scopes = '[]' WHERE label = 'damaged'")
  await within(place, async ({ tokens }) => {
    assert.deepEqual(await tokens.listByKey('old', noon, 2), [sound])
    assert.deepEqual(await tokens.listEnded(noon + 11, 2), [sound])
  })
})

test('a planted row does not exist, whosever digest or seal it carries', async (context) => {
  const place = await makePlace(context)
  const { otherToken, account } = await fill(place)
  const columns = [...tokenTable.sealed, 'seal', 'use_count', 'label_folded'].filter(
    (name) => !['id', 'serial', 'account_id'].includes(name),
  )
  place.tamper(
    `INSERT INTO tokens (id, serial, account_id, ${columns.join(', ')})
     SELECT 'tok_PLANTEDPLANTED00', 99, ?, ${columns.join(', ')} FROM tokens WHERE id = ?`,
    account.id,
    otherToken.id,
  )
  await within(place, async ({ tokens }) => assert.equal(await tokens.find('tok_PLANTEDPLANTED00'), undefined))
  assert.deepEqual(place.damaged, [{ table: 'tokens', id: 'tok_PLANTEDPLANTED00' }])
})

test('one’s own row with another account’s id is absent', async (context) => {
  const place = await makePlace(context)
  const { account, otherToken } = await fill(place)
  place.tamper('UPDATE tokens SET account_id = ? WHERE id = ?', account.id, otherToken.id)
  await within(place, async ({ tokens }) => assert.equal(await tokens.findStanding(otherToken.id), undefined))
})

test('a session cannot be moved to another account', async (context) => {
  const place = await makePlace(context)
  const { session, other } = await fill(place)
  place.tamper('UPDATE sessions SET account_id = ? WHERE id = ?', other.id, session.id)
  await within(place, async ({ sessions }) => assert.equal(await sessions.find(session.id), undefined))
})

test('a damaged row cannot be changed, and so not made good', async (context) => {
  const place = await makePlace(context)
  const { token } = await fill(place)
  place.tamper('UPDATE tokens SET scopes = \'["*"]\' WHERE id = ?', token.id)
  await within(place, async ({ log }) => {
    assert.deepEqual(await log.commit([change({ put: 'token', token })]), { outcome: 'conflict' })
  })
})

test('a database file that is damaged inside is refused at start', async (context) => {
  const place = await makePlace(context)
  await fill(place)
  const { size } = statSync(place.databaseFile)
  const file = openSync(place.databaseFile, 'r+')
  for (let at = 8_192; at < size; at += 4_096) writeSync(file, Buffer.alloc(64, 0xff), 0, 64, at)
  closeSync(file)
  await assert.rejects(place.open(), { key: 'damaged' })
})

test('without settings that are whole nobody knows what is allowed, so nothing is answered and nothing is made', async (context) => {
  for (const sql of [
    `UPDATE settings SET policy = json_set(policy, '$.permanentTokensMax', 9)`,
    `UPDATE settings SET catalogue = '{"version":1,"entries":{}}'`,
    'DELETE FROM settings',
  ]) {
    const place = await makePlace(context)
    const { token } = await fill(place)
    place.tamper(sql)
    await within(place, async ({ settings, tokens, log }) => {
      await assert.rejects(settings.read(), { key: 'unavailable' }, sql)
      await assert.rejects(tokens.findStanding(token.id), { key: 'unavailable' }, sql)
      const guards = [{ guard: 'settings-unchanged', changedSeq: 0 }] as const
      await assert.rejects(log.commit([change({ put: 'nothing' }, { guards })]), { key: 'unavailable' }, sql)
    })
  }
})

test('a note of a hand-off with any value altered is absent, reported, and its name is free again', async (context) => {
  const place = await makePlace(context)
  const note = { name: 'k0:name', text: '{"agreed":false}', endsAt: noon + 10 }
  const room = { now: noon, waitingMax: 10 }
  for (const [column, value] of Object.entries({ text: '{"agreed":true}', ends_at: noon + 1_000, seal: '' })) {
    await within(place, async ({ handoffs }) => assert.equal(await handoffs.leave(note, room), 'kept'))
    place.damaged.length = 0
    place.tamper(`UPDATE handoffs SET ${column} = ?`, value)
    await within(place, async ({ handoffs }) => {
      assert.equal(await handoffs.find(note.name, noon), undefined, column)
      assert.deepEqual(place.damaged[0], { table: 'handoffs', id: note.name })
      assert.equal(await handoffs.leave(note, room), 'kept', column)
    })
    place.tamper('DELETE FROM handoffs')
  }
})
