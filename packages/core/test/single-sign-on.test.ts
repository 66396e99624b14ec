import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byAddressLimit, Failure, signInVouched, type Vouched } from '@chatelaine/core'
import { refuses } from './failures.ts'
import { makeWorld, peer } from './world.ts'

const ada: Vouched = {
  identity: { issuer: 'https://login.example.com', subject: '1' },
  username: 'ada',
  email: 'ada@example.org',
  name: 'Ada',
}

const mayCreate = true
const notVouched = new Failure('sign-in-failed', 'no')

test('of many first sign-ins at once one makes the account, and all of them are of it', async () => {
  const { ports } = makeWorld()
  const signedIn = await Promise.all(
    Array.from({ length: 5 }, () => signInVouched(ports, peer, async () => ada, { mayCreate })),
  )
  assert.equal(new Set(signedIn.map(({ account }) => account.id)).size, 1)
  assert.equal(new Set(signedIn.map(({ session }) => session.id)).size, 5)
})

test('people of one name get a name each', async () => {
  const { ports } = makeWorld()
  const names = new Set<string>()
  for (let subject = 1; subject <= 5; subject += 1) {
    const other = { ...ada, identity: { ...ada.identity, subject: String(subject) } }
    const { account } = await signInVouched(ports, peer, async () => other, { mayCreate })
    names.add(account.username)
    assert.equal(account.email, subject === 1 ? 'ada@example.org' : null)
  }
  assert.equal(names.size, 5)
})

test('so many attempts from an address may fail, and those that the provider could not answer do not count', async () => {
  const { ports } = makeWorld()
  const attempt = (error: Failure) => () => {
    const vouch = async () => {
      throw error
    }
    return signInVouched(ports, peer, vouch, { mayCreate })
  }
  const absent = new Failure('unavailable', 'away')
  for (let times = 0; times <= byAddressLimit.attemptsMax; times += 1) await refuses('unavailable', attempt(absent))
  for (let times = 0; times < byAddressLimit.attemptsMax; times += 1)
    await refuses('sign-in-failed', attempt(notVouched))
  await refuses('too-many-attempts', () => signInVouched(ports, peer, async () => ada, { mayCreate }))
})
