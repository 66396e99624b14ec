import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'

import { deriveKeys, KeyRing, KeyRingError, keyPurposes, keysPerRingMax, type KeyPurpose } from '@chatelaine/token/keys'
import { randomFrom } from './arbitraries.ts'
import { keys as vectors } from './vectors.ts'

for (const { about, text, ids } of vectors.key_rings_accepted) {
  test(`key ring accepted: ${about}`, () => {
    const ring = KeyRing.parse(text)
    assert.deepEqual(ring.ids, ids)
    assert.equal(ring.currentId, ids[0])
  })
}

for (const { reason, text } of vectors.key_rings_rejected) {
  test(`key ring rejected: ${reason}, in a sentence that says what was expected and shows nothing of the text`, () => {
    const error = failureOf(() => KeyRing.parse(text))
    assert.match(error.message, /expected .*\.$|repeats .*\.$/)
    for (const part of text.split(/\s+/).filter((word) => word.length > 8)) {
      assert.ok(!inspect(error).includes(part), error.message)
    }
  })
}

test('an error of the key ring names the line as an editor counts it', () => {
  const error = failureOf(() => KeyRing.parse(`# keys\n\n${vectors.key_ring}test-0 short\n`))
  assert.match(error.message, /^Line 5 of the key ring: expected the base64 of 32 bytes/)
})

test('a key that was given no id has the same one every time', () => {
  for (const { master_key, id_if_unnamed } of vectors.keys) {
    const base64 = Buffer.from(master_key, 'hex').toString('base64')
    assert.equal(KeyRing.parse(base64).currentId, id_if_unnamed)
  }
})

test('a ring reads back from its text as it was', () => {
  const ring = KeyRing.generate(randomFrom(1)).withNewCurrent(randomFrom(2))
  const again = KeyRing.parse(ring.toText().reveal())
  assert.deepEqual(again.ids, ring.ids)
  for (const keyId of ring.ids) assert.deepEqual(again.derive(keyId, 'digest'), ring.derive(keyId, 'digest'))
})

test('two generated rings differ', () => {
  const random = randomFrom(1)
  assert.notEqual(KeyRing.generate(random).toText().reveal(), KeyRing.generate(random).toText().reveal())
})

test('a new current key comes first and the former ones stay', () => {
  const ring = KeyRing.generate(randomFrom(1))
  const grown = ring.withNewCurrent(randomFrom(2))
  assert.deepEqual(grown.ids, [grown.currentId, ring.currentId])
  assert.notEqual(grown.currentId, ring.currentId)
  assert.deepEqual(ring.ids, [ring.currentId], 'the ring it came from is as it was')
})

test('a former key can be taken out, the current one and an unknown one cannot', () => {
  const ring = KeyRing.generate(randomFrom(1)).withNewCurrent(randomFrom(2))
  const [currentId, formerId] = ring.ids as [string, string]
  assert.deepEqual(ring.without(formerId).ids, [currentId])
  assert.match(failureOf(() => ring.without(currentId)).message, /current/)
  assert.match(failureOf(() => ring.without('nobody')).message, /no key with the id nobody/)
})

test('a full ring takes no further key', () => {
  let ring = KeyRing.generate(randomFrom(1))
  for (let seed = 2; ring.ids.length < keysPerRingMax; seed++) ring = ring.withNewCurrent(randomFrom(1_000 * seed))
  assert.match(failureOf(() => ring.withNewCurrent(randomFrom(99))).message, /already has its 16 keys/)
  assert.equal(KeyRing.parse(ring.toText().reveal()).ids.length, keysPerRingMax)
})

test('a key that is in the ring already is not added once more', () => {
  const ring = KeyRing.generate(randomFrom(1))
  assert.throws(() => ring.withNewCurrent(randomFrom(1)), KeyRingError)
})

test('a source of randomness that gives too little makes no key', () => {
  assert.throws(() => KeyRing.generate(() => new Uint8Array(31)), /too few bytes/)
})

test('a ring keeps its own copy of the key', () => {
  const bytes = randomFrom(1)(32)
  const ring = KeyRing.generate(() => bytes)
  const before = ring.toText().reveal()
  bytes.fill(0)
  assert.equal(ring.toText().reveal(), before)
})

test('neither a ring nor its derived keys show a key when printed', () => {
  const ring = KeyRing.parse(vectors.key_ring)
  const keys = deriveKeys(ring)
  const shown = [ring, keys, ring.toText()].map((value) => inspect(value, { showHidden: true, depth: 9 })).join()
  for (const line of vectors.key_ring.trim().split('\n')) assert.ok(!shown.includes(line.split(' ')[1]!))
  assert.equal(JSON.stringify(ring), '{}')
})

// An HKDF of our own, straight from RFC 5869, stands beside Node's; first it has to give the RFC's known answers.
function hkdfSha256(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Buffer {
  const pseudorandomKey = createHmac('sha256', salt).update(key).digest()
  const blocks: Buffer[] = []
  for (let counter = 1; Buffer.concat(blocks).length < length; counter++) {
    const previous = blocks.at(-1) ?? Buffer.alloc(0)
    blocks.push(
      createHmac('sha256', pseudorandomKey).update(previous).update(info).update(Uint8Array.of(counter)).digest(),
    )
  }
  return Buffer.concat(blocks).subarray(0, length)
}

test('the HKDF that checks ours gives the known answers of RFC 5869, appendices A.1 and A.3', () => {
  const key = Buffer.alloc(22, 0x0b)
  const salt = Buffer.from('000102030405060708090a0b0c', 'hex')
  const info = Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex')
  assert.equal(
    hkdfSha256(key, salt, info, 42).toString('hex'),
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  )
  assert.equal(
    hkdfSha256(key, Buffer.alloc(0), Buffer.alloc(0), 42).toString('hex'),
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  )
})

test('every derived key is HKDF-SHA-256 of its master key with chatelaine/v1/<purpose>, as the vectors say', () => {
  const ring = KeyRing.parse(vectors.key_ring)
  for (const { key_id, master_key, derived } of vectors.keys) {
    assert.deepEqual(Object.keys(derived), Object.keys(keyPurposes))
    for (const [purpose, hex] of Object.entries(derived)) {
      const ours = Buffer.from(ring.derive(key_id, purpose as KeyPurpose)).toString('hex')
      assert.equal(ours, hex)
      const info = Buffer.from(`chatelaine/v1/${purpose}`)
      assert.equal(ours, hkdfSha256(Buffer.from(master_key, 'hex'), Buffer.alloc(0), info, 32).toString('hex'))
    }
  }
})

test('no two derived keys of a ring are the same', () => {
  const derived = vectors.keys.flatMap((key) => Object.values(key.derived))
  assert.equal(new Set(derived).size, derived.length)
})

test('a ring derives nothing from a key that it does not have', () => {
  assert.throws(() => KeyRing.generate(randomFrom(1)).derive('nobody', 'digest'), RangeError)
})

function failureOf(action: () => unknown): KeyRingError {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof KeyRingError)
    return error
  }
  assert.fail('expected a KeyRingError')
}
