import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseBlocks } from '@chatelaine/core'
import { allowedAddress, peerOf } from '../src/http/peer.ts'

function ipOf(remoteAddress: string | undefined, forwarded?: string, trusted: readonly string[] = []): string | null {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return peerOf(parseBlocks(trusted), { headers, socket: { remoteAddress } }).ip
}

describe('the peer of a request is', () => {
  const proxies = ['10.0.0.0/8', '::1']
  const cases: [string, string | null, Parameters<typeof ipOf>][] = [
    ['the other end of the connection', '192.0.2.1', ['192.0.2.1']],
    ['an IPv4 address also on a socket of IPv6', '192.0.2.1', ['::ffff:192.0.2.1']],
    ['told without the zone of a link', 'fe80::1', ['fe80::1%eth0']],
    ['unknown when the connection is gone', null, [undefined]],
    ['not whom a stranger names', '192.0.2.1', ['192.0.2.1', '203.0.113.9', proxies]],
    ['not whom a proxy names that nobody trusts', '10.0.0.1', ['10.0.0.1', '203.0.113.9']],
    ['whom a trusted proxy names', '203.0.113.9', ['10.0.0.1', '203.0.113.9', proxies]],
    [
      'the last that a proxy names, whatever stands before',
      '203.0.113.9',
      ['10.0.0.1', '1.2.3.4, 203.0.113.9', proxies],
    ],
    ['found behind a row of trusted proxies', '203.0.113.9', ['::1', '1.2.3.4, 203.0.113.9, 10.1.2.3', proxies]],
    ['the first proxy when all are trusted', '10.1.2.3', ['10.0.0.1', '10.1.2.3, 10.9.9.9', proxies]],
    ['the proxy itself when it names nobody', '10.0.0.1', ['10.0.0.1', undefined, proxies]],
    ['the proxy itself when what it names is empty', '10.0.0.1', ['10.0.0.1', ' , ', proxies]],
    ['in its one spelling', '2001:db8::1', ['10.0.0.1', '2001:DB8:0::1', proxies]],
    ['told without its port', '203.0.113.9', ['10.0.0.1', '203.0.113.9:4711', proxies]],
    ['told without port and brackets', '2001:db8::1', ['10.0.0.1', '[2001:db8::1]:4711', proxies]],
    ['unknown when a trusted proxy says that it is', null, ['10.0.0.1', '203.0.113.9, unknown', proxies]],
  ]
  for (const [how, expected, args] of cases) {
    test(how, () => assert.equal(ipOf(...args), expected))
  }
})

describe('an allow-list is held against', () => {
  const addressOf = (
    remoteAddress: string,
    forwarded?: string,
    trusted: readonly string[] = [],
  ): string | undefined => {
    const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
    const proxies = parseBlocks(trusted)
    const incoming = { headers, socket: { remoteAddress } }
    return allowedAddress(proxies, incoming, peerOf(proxies, incoming))
  }

  test('the other end of a connection that nobody passed on', () => {
    assert.equal(addressOf('192.0.2.1'), '192.0.2.1')
  })

  test('whom a trusted proxy names', () => {
    assert.equal(addressOf('10.0.0.1', '203.0.113.9', ['10.0.0.0/8']), '203.0.113.9')
  })

  test('nothing when a proxy passed the request on that nobody trusts, least of all the address of that proxy', () => {
    assert.equal(addressOf('127.0.0.1', '203.0.113.9'), undefined)
    assert.equal(addressOf('192.0.2.1', '203.0.113.9', ['10.0.0.0/8']), undefined)
  })
})
