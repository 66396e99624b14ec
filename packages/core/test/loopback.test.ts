import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isLoopbackRedirect, redirectUriLengthMax } from '@chatelaine/core'

describe('a redirect to a program on the same computer', () => {
  for (const uri of ['http://127.0.0.1:53682/', 'http://[::1]:1/cb', 'http://127.0.0.1:65535/a/b-c_d~e.f']) {
    test(`is ${uri}`, () => assert.equal(isLoopbackRedirect(uri), true))
  }

  const tricks = [
    '',
    '/',
    '//e',
    '/\\e',
    'e',
    'https://127.0.0.1:1/',
    'HTTP://127.0.0.1:1/',
    'javascript:alert(1)//127.0.0.1:1/',
    'data:text/html,x',
    'http:127.0.0.1:1/',
    'http:///127.0.0.1:1/',
    'http:\\\\127.0.0.1:1\\',
    'http://127.0.0.1/',
    'http://127.0.0.1:/',
    'http://127.0.0.1:0/',
    'http://127.0.0.1:080/',
    'http://127.0.0.1:65536/',
    'http://127.0.0.1:99999/',
    'http://127.0.0.1:1',
    'http://127.0.0.1:1?a=b',
    'http://127.0.0.1:1/?a=b',
    'http://127.0.0.1:1/#a',
    'http://127.0.0.1:1/%2e%2e',
    'http://127.0.0.1:1/\\e',
    'http://127.0.0.1:1@evil.example/',
    'http://a@127.0.0.1:1/',
    'http://a:b@127.0.0.1:1/',
    'http://evil.example\\@127.0.0.1:1/',
    'http://127.0.0.1.evil.example:1/',
    'http://evil.example:1/',
    'http://localhost:1/',
    'http://0.0.0.0:1/',
    'http://127.0.0.2:1/',
    'http://127.1:1/',
    'http://2130706433:1/',
    'http://0177.0.0.1:1/',
    'http://0x7f.0.0.1:1/',
    'http://0x7f000001:1/',
    'http://[::ffff:127.0.0.1]:1/',
    'http://[0:0:0:0:0:0:0:1]:1/',
    'http://[::1%25lo]:1/',
    'http://①②⑦.0.0.1:1/',
    'http://127。0。0。1:1/',
    ' http://127.0.0.1:1/',
    'http://127.0.0.1:1/ ',
    'http://127.0.0.1:1/\n',
    'http://127.0.0.1:1/\r\nLocation: http://evil.example/',
    'ht\ttp://127.0.0.1:1/',
    'http://127.0.0.1:1\0/',
    'http://127.0.0.1:1;form-action *:2/',
    `http://127.0.0.1:1/${'a'.repeat(redirectUriLengthMax)}`,
  ]
  for (const uri of tricks) {
    test(`is not ${JSON.stringify(uri.slice(0, 60))}`, () => assert.equal(isLoopbackRedirect(uri), false))
  }
})
