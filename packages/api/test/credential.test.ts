import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readCredential, type PresentingHeaders } from '../src/credential.ts'

const token = 'chl_acc_7Yp2mQx9Kd4RtV1b0123456789ABCDEFGHIJKLMNOPQRSTUV2HnX6Z'
const other = 'chl_mgr_7Yp2mQx9Kd4RtV1b0123456789ABCDEFGHIJKLMNOPQRSTUV2HnX6Z'

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`

describe('the token of a request is read', () => {
  const presented: [string, PresentingHeaders, string?][] = [
    ['from Bearer', { authorization: `Bearer ${token}` }],
    ['from Bearer in any case', { authorization: `bEARER ${token}` }],
    ['after several spaces', { authorization: `Bearer   ${token}` }],
    ['from Token', { authorization: `Token ${token}` }],
    ['from token in lower case', { authorization: `token ${token}` }],
    ['from a header of the name token', { token: `Token ${token}` }],
    ['from Key with an id before it', { authorization: `Key 42:${token}` }, '42'],
    ['from the password of Basic', { authorization: basic(`ada:${token}`) }, 'ada'],
    ['from the password of Basic after an empty name', { authorization: basic(`:${token}`) }, ''],
    ['from the name of Basic beside an empty password', { authorization: basic(`${token}:`) }],
    ['from X-API-Key', { 'x-api-key': token }],
    ['once where two headers agree', { authorization: `Bearer ${token}`, 'x-api-key': token }],
    ['beside a scheme that is not ours', { authorization: 'Digest username="ada"', 'x-api-key': token }],
    ['beside a header token of somebody else', { authorization: `Bearer ${token}`, token: 'csrf-0123' }],
  ]
  for (const [how, headers, username] of presented) {
    test(how, () => {
      const credential = readCredential(headers)
      assert.ok(credential !== undefined && credential !== 'conflicting')
      assert.equal(credential.presented, token)
      assert.equal(credential.username, username)
    })
  }
})

describe('two tokens that differ are conflicting', () => {
  const pairs: PresentingHeaders[] = [
    { authorization: `Bearer ${token}`, 'x-api-key': other },
    { authorization: `Bearer ${token}`, token: `Token ${other}` },
    { token: `Token ${token}`, 'x-api-key': other },
    { authorization: basic(`ada:${token}`), 'x-api-key': other },
    { authorization: 'Bearer', 'x-api-key': token },
  ]
  for (const headers of pairs) {
    test(Object.keys(headers).join(' and '), () => assert.equal(readCredential(headers), 'conflicting'))
  }
})

describe('no token is read', () => {
  const none: PresentingHeaders[] = [
    {},
    { authorization: 'Digest username="ada"' },
    { authorization: token },
    { token },
    { token: `Bearer ${token}` },
    { authorization: 'constructor x' },
  ]
  for (const headers of none) {
    test(`from ${Object.entries(headers).join(' ') || 'nothing'}`, () =>
      assert.equal(readCredential(headers), undefined))
  }
})

describe('what is broken is presented as it stands, so that it is refused and not passed over', () => {
  const broken: PresentingHeaders[] = [
    { authorization: 'Bearer' },
    { authorization: 'Basic !!!' },
    { authorization: 'Basic /////w==' },
    { authorization: 'Basic' },
    { authorization: `Key ${token}` },
    { 'x-api-key': '' },
  ]
  for (const headers of broken) {
    test(Object.entries(headers).join(' '), () => {
      const credential = readCredential(headers)
      assert.ok(credential !== undefined && credential !== 'conflicting')
      assert.notEqual(credential.presented, token)
    })
  }
})
