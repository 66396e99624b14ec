import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { deriveKeys, KeyRing, keyPurposes, processFingerprint, verifySignature } from '@chatelaine/token/keys'
import type { MacPurpose } from '@chatelaine/token/keys'
import { generated, randomFrom } from './arbitraries.ts'
import { accepted, keys as vectors } from './vectors.ts'

const ring = KeyRing.parse(vectors.key_ring)
const keys = deriveKeys(ring)
const macPurposes = Object.entries(keyPurposes).flatMap(([name, use]) => (use === 'mac' ? [name as MacPurpose] : []))

test('the digests of the accepted vectors are as published, and match', () => {
  const published = deriveKeys(KeyRing.parse(accepted.key_ring))
  for (const { text, digest } of accepted.tokens) {
    assert.equal(published.digest(text), digest)
    assert.ok(published.digestMatches(text, digest))
  }
})

test('the MACs, public keys, signatures and check values of the vectors are as published', () => {
  assert.equal(keys.currentKeyId, vectors.current)
  assert.deepEqual(
    keys.publicKeys(),
    vectors.keys.map((key) => ({ keyId: key.key_id, publicKey: key.public_key_base64 })),
  )
  for (const { key_id, check_value, macs, public_key_base64, signatures } of vectors.keys) {
    const alone = deriveKeys(KeyRing.parse(lineOf(key_id)))
    assert.equal(keys.checkValue(key_id), check_value)
    for (const { purpose, text, mac } of macs) {
      assert.equal(alone.mac(purpose, text), mac)
      assert.ok(keys.macMatches(purpose, text, mac))
    }
    for (const { bytes, signature_base64 } of signatures) {
      const signed = Buffer.from(bytes, 'hex')
      assert.deepEqual(alone.sign(signed), { keyId: key_id, signature: signature_base64 })
      assert.ok(verifySignature(public_key_base64, signed, signature_base64))
    }
  }
})

test('a digest matches its own token and no other', () => {
  fc.assert(
    fc.property(generated, generated, (one, other) => {
      const token = one.token.reveal()
      const digest = keys.digest(token)
      assert.match(digest, /^test-2:[A-Za-z0-9_-]{43}$/)
      assert.ok(keys.digestMatches(token, digest))
      assert.equal(keys.digestMatches(other.token.reveal(), digest), other.token.reveal() === token)
    }),
  )
})

test('a digest under a former key matches, and is known to be no longer current', () => {
  const former = deriveKeys(ring.without('test-1')).digest('text')
  const grown = deriveKeys(ring.withNewCurrent(randomFrom(1)))
  assert.ok(grown.digestMatches('text', former))
  assert.ok(keys.isCurrent(former))
  assert.equal(grown.isCurrent(former), false)
  assert.ok(grown.isCurrent(grown.digest('text')))
})

test('a digest under a key that was taken out matches no more', () => {
  const digest = deriveKeys(KeyRing.parse(lineOf('test-1'))).digest('text')
  assert.ok(keys.digestMatches('text', digest))
  assert.equal(deriveKeys(ring.without('test-1')).digestMatches('text', digest), false)
})

test('nothing but the digest itself matches: no other key id, no other spelling, no text that is none', () => {
  const digest = keys.digest('text')
  const mac = digest.slice('test-2:'.length)
  const wrong = [
    '',
    ':',
    mac,
    `:${mac}`,
    `test-1:${mac}`,
    `test-3:${mac}`,
    `TEST-2:${mac}`,
    `test-2::${mac}`,
    `test-2:${mac} `,
    `test-2:${mac}=`,
    `test-2:${mac.slice(0, -1)}`,
    `test-2:${mac}${mac}`,
    `test-2:${nextSpelling(mac)}`,
    `test-2:${String.fromCharCode(mac.charCodeAt(0) + 256)}${mac.slice(1)}`,
    `__proto__:${mac}`,
    'test-2:',
    'test-2',
  ]
  for (const named of wrong) assert.equal(keys.digestMatches('text', named), false, named)
  assert.deepEqual(Buffer.from(nextSpelling(mac), 'base64url'), Buffer.from(mac, 'base64url'), 'the same bytes')
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (named) => !keys.digestMatches('text', named)))
})

test('a MAC for one purpose is worth nothing for another', () => {
  for (const made of macPurposes) {
    for (const asked of macPurposes) {
      assert.equal(keys.macMatches(asked, 'text', keys.mac(made, 'text')), asked === made, `${made}, ${asked}`)
    }
  }
})

test('a MAC matches its own text and no other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      assert.ok(keys.macMatches('cursor', one, keys.mac('cursor', one)))
      assert.equal(keys.macMatches('cursor', other, keys.mac('cursor', one)), other === one)
    }),
  )
})

test('only what begins with the current key id and a colon is current', () => {
  assert.ok(keys.isCurrent('test-2:anything'))
  for (const named of ['', 'test-2', 'test-20:x', 'test-1:x', ' test-2:x']) assert.equal(keys.isCurrent(named), false)
})

test('a signature verifies for its own bytes under its own key and for nothing else', () => {
  const [current, former] = keys.publicKeys()
  assert.ok(current && former)
  const bytes = Buffer.from('the head of a change log')
  const { signature } = keys.sign(bytes)
  const flipped = Buffer.from(signature, 'base64')
  flipped[0]! ^= 1
  assert.ok(verifySignature(current.publicKey, bytes, signature))
  assert.equal(verifySignature(former.publicKey, bytes, signature), false)
  assert.equal(verifySignature(current.publicKey, Buffer.from('another head'), signature), false)
  assert.equal(verifySignature(current.publicKey, bytes, flipped.toString('base64')), false)
})

// RFC 8032 §7.1, test 2.
test('verification gives the known answer of RFC 8032', () => {
  const publicKey = Buffer.from('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', 'hex')
  const signature = Buffer.from(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    'hex',
  )
  assert.ok(verifySignature(publicKey.toString('base64'), Uint8Array.of(0x72), signature.toString('base64')))
})

test('a public key or a signature that is none gives false and does not throw', () => {
  const { signature } = keys.sign(Buffer.from('bytes'))
  for (const publicKey of ['', '?', 'AAAA', signature]) {
    assert.equal(verifySignature(publicKey, Buffer.from('bytes'), signature), false)
  }
  for (const none of ['', '?', 'AAAA', signature + signature]) {
    assert.equal(verifySignature(keys.publicKeys()[0]!.publicKey, Buffer.from('bytes'), none), false)
  }
  const bytesAsBase64 = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('base64'))
  fc.assert(
    fc.property(bytesAsBase64(32), bytesAsBase64(64), (publicKey, anySignature) => {
      assert.equal(verifySignature(publicKey, Buffer.from('bytes'), anySignature), false)
    }),
  )
})

test('check values tell keys apart, whatever the keys are called', () => {
  assert.notEqual(keys.checkValue('test-1'), keys.checkValue('test-2'))
  const renamed = deriveKeys(KeyRing.parse(lineOf('test-1').replace('test-1', 'renamed')))
  assert.equal(renamed.checkValue('renamed'), keys.checkValue('test-1'))
  assert.throws(() => keys.checkValue('nobody'), RangeError)
})

test('a process names a token alike each time, and every process otherwise', () => {
  const here = processFingerprint(randomFrom(1))
  const there = processFingerprint(randomFrom(2))
  for (const { text } of accepted.tokens) {
    assert.equal(here(text), here(text))
    assert.notEqual(here(text), there(text))
    assert.equal(here(text).length, 32)
  }
  assert.equal(new Set(accepted.tokens.map(({ text }) => here(text))).size, accepted.tokens.length)
})

test('the name of a token in memory is SHA-256 of the key of the process and the token', () => {
  const processKey = randomFrom(1)(32)
  const expected = createHash('sha256').update(Buffer.from(processKey).toString('base64url')).update('token').digest()
  assert.deepEqual(Buffer.from(processFingerprint(() => processKey)('token'), 'latin1'), expected)
})

function lineOf(keyId: string): string {
  return vectors.key_ring.split('\n').find((line) => line.startsWith(`${keyId} `))!
}

/** The same 32 bytes in another base64url text: the last of 43 characters has two bits to spare. */
function nextSpelling(mac: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return mac.slice(0, -1) + digits[digits.indexOf(mac.at(-1)!) + 1]
}
