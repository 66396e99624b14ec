// What fast-check draws from: scopes, addresses and blocks that meet one another often.

import { allManagementScopes, formatBlock, parseBlock, type Block } from '@chatelaine/core'
import * as fc from 'fast-check'

const resources = ['data', 'data.sub', 'jobs', 'chatelaine']
const actions = ['read', 'write', '*']

/** Scopes that can be given: the platform's own and those of the management, with wildcards. */
export const scopes: fc.Arbitrary<string> = fc.oneof(
  fc.constant('*'),
  fc
    .tuple(fc.constantFrom(...resources), fc.constantFrom(...actions))
    .map(([resource, action]) => `${resource}:${action}`),
  fc.constantFrom(...allManagementScopes),
  fc.constantFrom(...allManagementScopes).map((scope) => scope.replace(/:.*/, ':*')),
)

export const scopeLists = fc.uniqueArray(scopes, { minLength: 1, maxLength: 4 })

const bits128 = fc.bigInt(0n, (1n << 128n) - 1n)
const bits32 = fc.bigInt(0n, (1n << 32n) - 1n)
const mapped = 0xffffn << 32n

/** Addresses of both families as 128 bits, some of them near one another. */
export const addresses: fc.Arbitrary<bigint> = fc.oneof(
  bits128,
  bits32.map((bits) => mapped | bits),
  fc.bigInt(0n, 1023n).map((bits) => mapped | 0xc0000000n | bits),
  fc.bigInt(0n, 1023n).map((bits) => (0x20010db8n << 96n) | bits),
)

export function blockAt(address: bigint, prefixLength: number): Block {
  const hostBits = BigInt(128 - prefixLength)
  return { base: (address >> hostBits) << hostBits, prefixLength }
}

export const blocks: fc.Arbitrary<Block> = fc
  .tuple(addresses, fc.integer({ min: 0, max: 128 }))
  .map(([address, prefixLength]) => blockAt(address, prefixLength))

/** A random address of a block. */
export function memberOf(block: Block, bits: bigint): bigint {
  const hostMask = (1n << BigInt(128 - block.prefixLength)) - 1n
  return block.base | (bits & hostMask)
}

export const allowLists = fc
  .array(fc.oneof(blocks, fc.constantFrom('192.0.2.0/24', '192.0.2.7', '2001:db8::/32', '::/0').map(parseKnown)), {
    maxLength: 3,
  })
  .map((list) => [...new Set(list.map(formatBlock))])

function parseKnown(text: string): Block {
  return parseBlock(text)!
}
