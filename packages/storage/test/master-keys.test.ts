import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { KeyRing } from '@chatelaine/token/keys'
import { makePlace, random, within } from './opened.ts'
import { sampleAccount, sampleToken, storeAccount, storeToken } from './samples.ts'

test('another master key than the database’s own is refused with a sentence', async (context) => {
  const place = await makePlace(context)
  await within(place, async () => {})
  const ringText = KeyRing.generate(random).toText().reveal()
  await assert.rejects(place.open({ ringText }), { key: 'other-master-key', message: /Put that key back/ })
  await within(place, async () => {})
})

test('another key under the known id is refused too', async (context) => {
  const place = await makePlace(context)
  await within(place, async () => {})
  const id = KeyRing.parse(place.ringText).currentId
  const [, other] = KeyRing.generate(random).toText().reveal().split(' ')
  await assert.rejects(place.open({ ringText: `${id} ${other}` }), { key: 'other-master-key' })
})

test('after a new key was added, resealed and the old one taken off, everything still reads', async (context) => {
  const place = await makePlace(context)
  const old = KeyRing.parse(place.ringText)
  const both = old.withNewCurrent(random)
  const alone = both.without(old.currentId)
  const [token, account] = await within(place, async (storage) => {
    const account = await storeAccount(storage, sampleAccount())
    return [await storeToken(storage, sampleToken({ accountId: account.id })), account]
  })

  const storage = await place.open({ ringText: both.toText().reveal() })
  assert.deepEqual(await storage.tokens.find(token.id), token, 'under the old key, before it is resealed')
  assert.equal(await storage.housekeeping.reseal(), 3, 'the token, the account and the settings')
  assert.equal(await storage.housekeeping.reseal(), 0)
  await storage.close()

  const after = await place.open({ ringText: alone.toText().reveal() })
  assert.deepEqual(await after.tokens.find(token.id), token)
  assert.deepEqual(await after.accounts.find(account.id), account)
  assert.deepEqual(place.damaged, [])
  assert.deepEqual(
    (await after.log.auditKeys()).map(({ keyId }) => keyId),
    [...both.ids].toSorted(),
    'the public half of a retired key stays',
  )
})

test('a key that was planted among those that signed is not published, and one of the ring that was altered is as before', async (context) => {
  const place = await makePlace(context)
  const own = await within(place, ({ log }) => log.auditKeys())
  const planted = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!
  const publicKey = Buffer.from(planted, 'base64url').toString('base64')
  place.tamper('UPDATE master_keys SET audit_public_key = ?', publicKey)
  place.tamper(
    `INSERT INTO master_keys (key_id, check_value, audit_public_key, seal)
     SELECT 'planted', check_value, ?, seal FROM master_keys`,
    publicKey,
  )
  await within(place, async ({ log }) => assert.deepEqual(await log.auditKeys(), own))
  assert.deepEqual(place.damaged[0], { table: 'master_keys', id: 'planted' })
})

test('resealing makes no damaged row good', async (context) => {
  const place = await makePlace(context)
  const token = await within(place, (storage) => storeToken(storage, sampleToken()))
  place.tamper('UPDATE tokens SET scopes = \'["*"]\'')
  const ringText = KeyRing.parse(place.ringText).withNewCurrent(random).toText().reveal()
  const storage = await place.open({ ringText })
  assert.equal(await storage.housekeeping.reseal(), 1, 'the settings alone')
  assert.equal(await storage.tokens.find(token.id), undefined)
})
