import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { Failure } from '@chatelaine/core'
import { argon2Passwords, passwordsAtOnceMax, passwordsWaitingMax } from '../../packages/server/src/passwords.ts'

const password = 'correct horse battery staple'

test('a password matches its own hash and no other password does', async () => {
  const passwords = argon2Passwords(randomBytes)
  const hash = await passwords.hash(password)
  assert.equal(await passwords.matches(password, hash), true)
  assert.equal(await passwords.matches(`${password} `, hash), false)
  assert.equal(await passwords.matches('', hash), false)
})

test('a hash is argon2id in PHC format with a cost of 19 MiB, two passes and one lane', async () => {
  const hash = await argon2Passwords(randomBytes).hash(password)
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
})

test('the same password has another hash each time', async () => {
  const passwords = argon2Passwords(randomBytes)
  assert.notEqual(await passwords.hash(password), await passwords.hash(password))
})

test('a password matches however its keyboard composes the letters', async () => {
  const passwords = argon2Passwords(randomBytes)
  const hash = await passwords.hash('caf\u00e9 au lait, s\u2019il te pla\u00eet')
  assert.equal(await passwords.matches('cafe\u0301 au lait, s\u2019il te plai\u0302t', hash), true)
})

test('a password is compared at the cost that its hash names', async () => {
  const passwords = argon2Passwords(randomBytes)
  const hash = await passwords.hash(password)
  assert.equal(await passwords.matches(password, hash.replace('t=2', 't=3')), false)
})

test('without a hash no password matches', async () => {
  assert.equal(await argon2Passwords(randomBytes).matches(password, null), false)
})

test('beyond the bound of those that wait, whoever comes is told when to come back, and the others are served', async () => {
  const passwords = argon2Passwords(randomBytes)
  const taken = passwordsAtOnceMax + passwordsWaitingMax
  const asked = Array.from({ length: taken + 3 }, () => passwords.matches(password, null))
  const settled = await Promise.allSettled(asked)
  const refused = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  assert.equal(refused.length, 3)
  for (const reason of refused) {
    assert.ok(reason instanceof Failure)
    assert.equal(reason.key, 'unavailable')
    assert.equal(reason.retryAfterSeconds, 1)
  }
  assert.equal(await passwords.matches(password, null), false)
})
