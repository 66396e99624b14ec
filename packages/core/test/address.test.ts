import assert from 'node:assert/strict'
import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { test } from 'node:test'
import {
  areEnclosed,
  contains,
  encloses,
  formatBlock,
  networkOf,
  parseAddress,
  parseBlock,
  parseBlocks,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { addresses, allowLists, blockAt, blocks, memberOf } from './arbitraries.ts'

const anyBits = fc.bigInt(0n, (1n << 128n) - 1n)

test('parse after format is the identity', () => {
  fc.assert(fc.property(blocks, (block) => assert.deepEqual(parseBlock(formatBlock(block)), block)))
})

test('format after parse gives each block one spelling', () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    '192.0.2.0/24': ['192.0.2.0/24', '192.0.2.77/24', '::ffff:192.0.2.0/120', '::ffff:c000:200/120'],
    '192.0.2.7': ['192.0.2.7', '192.0.2.7/32', '::ffff:192.0.2.7', '::FFFF:C000:0207/128'],
    '0.0.0.0/0': ['0.0.0.0/0', '1.2.3.4/0', '::ffff:0:0/96'],
    '::/0': ['::/0', '2001:db8::/0', '0:0:0:0:0:0:0:0/0'],
    '2001:db8::1': ['2001:db8::1', '2001:DB8:0:0:0:0:0:1', '2001:0db8::0001', '2001:db8::0.0.0.1'],
  }
  for (const [one, others] of Object.entries(spellings)) {
    for (const text of others) assert.equal(formatBlock(parseBlock(text)!), one, text)
  }
})

test('an address is spelled as RFC 5952 recommends', () => {
  const recommended: Readonly<Record<string, string>> = {
    '2001:0db8:0000:0000:0000:0000:0000:0001': '2001:db8::1', // §4.1, §4.2.1
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1', // §4.2.2: a single group is not shortened
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1', // §4.2.3: the longest run
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1', // §4.2.3: of equal runs the first
    '2001:DB8::AAAA': '2001:db8::aaaa', // §4.3
    '0:0:0:0:0:0:0:0': '::',
    '1:0:0:0:0:0:0:0': '1::',
    '0:0:0:0:0:0:0:1': '::1',
  }
  for (const [text, spelled] of Object.entries(recommended)) assert.equal(formatBlock(parseBlock(text)!), spelled, text)
})

test('the bits of the host are dropped', () => {
  fc.assert(
    fc.property(blocks, anyBits, (block, bits) => {
      const withHost = formatBlock({ base: memberOf(block, bits), prefixLength: 128 })
      const prefixLength = withHost.includes(':') ? block.prefixLength : Math.max(96, block.prefixLength) - 96
      const parsed = parseBlock(`${withHost}/${prefixLength}`)!
      assert.deepEqual(parsed, blockAt(parsed.base, parsed.prefixLength))
      assert.ok(contains(block, memberOf(block, bits)))
    }),
  )
})

test('a block contains its members and nothing beside them', () => {
  fc.assert(
    fc.property(blocks, anyBits, addresses, (block, bits, other) => {
      assert.ok(contains(block, memberOf(block, bits)))
      assert.equal(contains(block, other), blockAt(other, block.prefixLength).base === block.base)
    }),
  )
})

test('one block encloses another exactly when it contains all of its members', () => {
  fc.assert(
    fc.property(blocks, fc.integer({ min: 0, max: 128 }), anyBits, anyBits, (block, length, bits, more) => {
      const near = blockAt(memberOf(block, bits), length)
      const first = memberOf(near, 0n)
      const last = memberOf(near, (1n << 128n) - 1n)
      assert.equal(encloses(block, near), contains(block, first) && contains(block, last))
      if (encloses(block, near)) assert.ok(contains(block, memberOf(near, more)))
    }),
  )
})

test('a list that encloses another admits every address that the other admits', () => {
  fc.assert(
    fc.property(allowLists, allowLists, anyBits, (outer, inner, bits) => {
      if (!areEnclosed(outer, inner)) return
      for (const block of parseBlocks(inner)) {
        assert.ok(outer.length === 0 || parseBlocks(outer).some((one) => contains(one, memberOf(block, bits))))
      }
      assert.ok(inner.length > 0 || outer.length === 0)
    }),
    { numRuns: 2_000 },
  )
})

test('an IPv4 address and its IPv6 form are the same address, and no IPv4 block holds another IPv6 address', () => {
  assert.equal(parseAddress('192.0.2.1'), parseAddress('::ffff:192.0.2.1'))
  assert.equal(parseAddress('192.0.2.1'), parseAddress('::ffff:c000:201'))
  const everyIpv4 = parseBlock('0.0.0.0/0')!
  assert.ok(contains(everyIpv4, parseAddress('::ffff:1.2.3.4')!))
  for (const text of ['::1.2.3.4', '::1', '2001:db8::1', '::fffe:1.2.3.4']) {
    assert.equal(contains(everyIpv4, parseAddress(text)!), false, text)
  }
  assert.ok(contains(parseBlock('::/0')!, parseAddress('1.2.3.4')!))
})

test('nonsense is refused and never throws', () => {
  const nonsense = [
    '. / : ::: ::1:: 1::2::3 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7::8 1:2:3:4:5:6:7:8:: ::1:2:3:4:5:6:7:8',
    '12345:: g:: ::1%eth0 [::1] 1.2.3.4:: ::1.2.3 ::1.2.3.4.5 ::1.2.3.256 ::1.2.3.4:5',
    '1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.256 1.2.3.-4 1.2.3.0x4 1e1.2.3.4 ١.2.3.4',
    '1.2.3.4/ 1.2.3.4/33 1.2.3.4/-1 1.2.3.4/08 1.2.3.4/8/8 ::/129 ::/0128 ::/1.',
  ].flatMap((line) => line.split(' '))
  nonsense.push('', ' ', '1.2.3.4 ', ' 1.2.3.4', '::/ 1', '0'.repeat(1_000), `${'0:'.repeat(7)}${'0'.repeat(40)}`)
  for (const text of nonsense) assert.equal(parseBlock(text), undefined, JSON.stringify(text))
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f', ':', '.', '/', '%', ' ') }),
      (text) => void parseBlock(text),
    ),
  )
})

test('of random texts exactly those are addresses that the platform’s own parser takes', () => {
  const text = fc.string({ unit: fc.constantFrom('0', '1', 'ff', '255', ':', '::', '.', '1.2.3.4'), maxLength: 12 })
  fc.assert(
    fc.property(text, (candidate) => {
      const isAddress = isIPv4(candidate) || isIPv6(candidate)
      assert.equal(parseAddress(candidate) !== undefined, isAddress, candidate)
    }),
    { numRuns: 5_000 },
  )
})

test('the platform reads what is formatted as the same address', () => {
  fc.assert(
    fc.property(addresses, (address) => {
      const text = formatBlock({ base: address, prefixLength: 128 })
      const family = text.includes(':') ? 'ipv6' : 'ipv4'
      assert.equal(parseAddress(new SocketAddress({ address: text, family }).address), address)
    }),
  )
})

test('the network of an IPv4 address is that address, of an IPv6 address its first 64 bits', () => {
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7')
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(networkOf('somewhere'), undefined)
})
