import assert from 'node:assert/strict'
import { allPages, sampleAccount, storeAccount } from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

/** The promises of `AccountStore`. */
export function describeAccountStore(open: OpenStorage, options: SuiteOptions): void {
  describePort('AccountStore', open, options, (promise) => {
    promise('an account is found as it was written, with every field', async ({ log, accounts }) => {
      const account = sampleAccount({
        username: 'Ada.Lovelace',
        email: 'Ada@Example.org',
        name: 'Ada 日本',
        role: 'admin',
        externalId: 'u-1',
        passwordHash: '$argon2id$v=19$…',
      })
      const stored = await storeAccount({ log }, account)
      assert.deepEqual(stored, { ...account, serial: 1, changedSeq: 1 })
      assert.deepEqual(await accounts.find(account.id), stored)
    })

    promise('an account is found by its user name without regard to case', async ({ log, accounts }) => {
      const stored = await storeAccount({ log }, sampleAccount({ username: 'Ünal' }))
      assert.deepEqual(await accounts.findByUsername('üNAL'), stored)
      assert.equal(await accounts.findByUsername('ünal2'), undefined)
    })

    promise('an account is found by its e-mail address without regard to case', async ({ log, accounts }) => {
      const stored = await storeAccount({ log }, sampleAccount({ username: 'a', email: 'Ünal@example.org' }))
      await storeAccount({ log }, sampleAccount({ username: 'b', email: null }))
      assert.deepEqual(await accounts.findByEmail('üNAL@Example.org'), stored)
      for (const text of ['a', 'ünal@example.orgx', '']) assert.equal(await accounts.findByEmail(text), undefined)
    })

    promise(
      'an account is found by its identity: issuer and subject, both to the letter',
      async ({ log, accounts }) => {
        const identity = { issuer: 'https://login.example.com', subject: 'S-1' }
        const stored = await storeAccount({ log }, sampleAccount({ identity }))
        await storeAccount({ log }, sampleAccount({ identity: { ...identity, subject: 'other' } }))
        assert.deepEqual(await accounts.findByIdentity(identity), stored)
        for (const other of [{ issuer: 'https://login.example.com/' }, { subject: 's-1' }, { subject: '\0' }]) {
          assert.equal(await accounts.findByIdentity({ ...identity, ...other }), undefined)
        }
        await storeAccount({ log }, { ...stored, identity: null })
        assert.equal(await accounts.findByIdentity(identity), undefined)
      },
    )

    promise('an id that does not exist finds nothing', async ({ accounts }) => {
      assert.equal(await accounts.find('acc_0000000000000000'), undefined)
    })

    promise('a list gives each account once, over pages of any size', async ({ log, accounts }) => {
      for (let i = 0; i < 5; i += 1) await storeAccount({ log }, sampleAccount())
      const whole = (await accounts.list({ limit: 99 })).items
      assert.equal(whole.length, 5)
      assert.deepEqual(await allPages((after) => accounts.list({ limit: 2, ...(after && { after }) })), whole)
    })

    promise('lists are filtered by role, status and external id', async ({ log, accounts }) => {
      const admin = await storeAccount({ log }, sampleAccount({ role: 'admin' }))
      const disabled = await storeAccount({ log }, sampleAccount({ status: 'disabled' }))
      const external = await storeAccount({ log }, sampleAccount({ externalId: 'x' }))
      assert.deepEqual((await accounts.list({ role: 'admin', limit: 9 })).items, [admin])
      assert.deepEqual((await accounts.list({ status: 'disabled', limit: 9 })).items, [disabled])
      assert.deepEqual((await accounts.list({ externalId: 'x', limit: 9 })).items, [external])
      assert.deepEqual((await accounts.list({ externalId: 'x', role: 'admin', limit: 9 })).items, [])
    })

    promise('text that no record can hold is like no other, and is found in none', async ({ log, accounts }) => {
      await storeAccount({ log }, sampleAccount({ username: 'ada', name: 'Ada \ufffd', externalId: 'x' }))
      for (const text of ['\0', 'ada\0', '\ud800']) {
        assert.equal(await accounts.findByUsername(text), undefined)
        assert.deepEqual((await accounts.list({ text, limit: 9 })).items, [])
        assert.deepEqual((await accounts.list({ externalId: text, limit: 9 })).items, [])
      }
    })

    promise(
      'text is looked for in user name, e-mail address and name, without regard to case',
      async ({ log, accounts }) => {
        const byUsername = await storeAccount({ log }, sampleAccount({ username: 'Zoë%' }))
        const byEmail = await storeAccount({ log }, sampleAccount({ email: 'q@ZEBRA.org' }))
        const byName = await storeAccount({ log }, sampleAccount({ name: 'Žofie' }))
        assert.deepEqual((await accounts.list({ text: 'ZOË', limit: 9 })).items, [byUsername])
        assert.deepEqual((await accounts.list({ text: 'zebra', limit: 9 })).items, [byEmail])
        assert.deepEqual((await accounts.list({ text: 'žOF', limit: 9 })).items, [byName])
        assert.deepEqual((await accounts.list({ text: '%', limit: 9 })).items, [byUsername])
      },
    )

    promise(
      'there is an administrator as soon as one account is one, active or disabled',
      async ({ log, accounts }) => {
        await storeAccount({ log }, sampleAccount())
        assert.equal(await accounts.hasAdministrator(), false)
        const admin = await storeAccount({ log }, sampleAccount({ role: 'admin' }))
        assert.equal(await accounts.hasAdministrator(), true)
        await storeAccount({ log }, { ...admin, status: 'disabled' })
        assert.equal(await accounts.hasAdministrator(), true)
      },
    )
  })
}
