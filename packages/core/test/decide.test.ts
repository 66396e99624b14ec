import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decide,
  verificationCodes,
  type Owner,
  type Question,
  type Token,
  type VerificationCode,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { exampleOwner, exampleToken, standingOf } from './examples.ts'
import { startAt as now } from './world.ts'

interface Case {
  readonly token?: Partial<Token>
  readonly owner?: Owner
  readonly question?: Question
}

/** What makes a token deserve each code that a genuine token can get. */
const faults: Readonly<Partial<Record<VerificationCode, Case>>> = {
  revoked: { token: { revokedAt: now - 1, revokedReason: 'lost' } },
  suspended: { token: { isActive: false } },
  owner_disabled: { owner: { ...exampleOwner, status: 'disabled' } },
  expired: { token: { expiresAt: now } },
  not_yet_valid: { token: { notBefore: now + 1 } },
  wrong_kind: { question: { kinds: ['manager'] } },
  ip_not_allowed: { token: { allowedIps: ['192.0.2.0/24'] }, question: { clientIp: '198.51.100.7' } },
  wrong_project: { question: { projectId: 'prj_0000000000000001' } },
  insufficient_scope: { token: { scopes: ['data:read'] }, question: { scopes: ['data:read', 'data:write'] } },
}
const faultCodes = Object.keys(faults) as (keyof typeof faults)[]

/** A token with all of these faults at once. */
function decideWith(codes: readonly (keyof typeof faults)[]) {
  const cases = codes.map((code) => faults[code]!)
  const token: Token = Object.assign({}, exampleToken, ...cases.map((one) => one.token))
  const question: Question = Object.assign({}, ...cases.map((one) => one.question))
  const owner = cases.find((one) => one.owner !== undefined)?.owner ?? exampleOwner
  return decide(standingOf(token, owner), question, now)
}

test('codes win over one another in the order in which the table names them', () => {
  const documented = Object.keys(verificationCodes)
  // The first two are said before there is a token to decide on, and what is counted after `decide` has found it good.
  assert.deepEqual(documented, ['malformed', 'unknown', ...faultCodes, 'uses_exceeded', 'rate_limited', 'valid'])
})

for (const [index, earlier] of faultCodes.entries()) {
  test(`${earlier} is said of a token that deserves it, and wins over all that come after it`, () => {
    assert.equal(decideWith([earlier]).code, earlier)
    for (const later of faultCodes.slice(index + 1)) {
      assert.equal(decideWith([earlier, later]).code, earlier, `${earlier} with ${later}`)
      assert.equal(decideWith([later, earlier]).code, earlier, `${later} with ${earlier}`)
    }
  })
}

test('of any faults together the first one is said, and without faults the token is valid', () => {
  fc.assert(
    fc.property(fc.subarray(faultCodes), (codes) => {
      assert.equal(decideWith(codes).code, faultCodes.find((code) => codes.includes(code)) ?? 'valid')
    }),
  )
})

test('the same arguments give the same answer and are left as they were', () => {
  const frozen = standingOf(Object.freeze({ ...exampleToken, scopes: Object.freeze(['data:*']) as string[] }))
  const question = Object.freeze({ scopes: Object.freeze(['data:read', 'other:read']) as string[] })
  const first = decide(Object.freeze(frozen), question, now)
  assert.deepEqual(decide(frozen, question, now), first)
  assert.deepEqual(first, { code: 'insufficient_scope', missingScopes: ['other:read'] })
})

test('a token lives to the last millisecond before its expiry, and begins with its notBefore', () => {
  const token = { ...exampleToken, notBefore: now, expiresAt: now + 10 }
  const codes = [now - 1, now, now + 9, now + 10].map((at) => decide(standingOf(token), {}, at).code)
  assert.deepEqual(codes, ['not_yet_valid', 'valid', 'valid', 'expired'])
})

test('account and project tokens are welcome unless said otherwise, manager tokens only when asked for', () => {
  const manager: Token = { ...exampleToken, kind: 'manager', accountId: null }
  assert.equal(decide(standingOf(manager), {}, now).code, 'wrong_kind')
  assert.equal(decide(standingOf(manager), { kinds: ['manager'] }, now).code, 'valid')
  const project: Token = { ...exampleToken, kind: 'project', accountId: null, projectId: 'prj_0000000000000001' }
  assert.equal(decide(standingOf(project), { projectId: 'prj_0000000000000001' }, now).code, 'valid')
  assert.equal(decide(standingOf(project), { projectId: 'prj_0000000000000002' }, now).code, 'wrong_project')
})

test('an allow-list refuses whoever does not state an address, or states nonsense', () => {
  const standing = standingOf({ ...exampleToken, allowedIps: ['192.0.2.0/24', '2001:db8::/32'] })
  const codeFrom = (clientIp?: string) => decide(standing, clientIp === undefined ? {} : { clientIp }, now).code
  assert.equal(codeFrom(), 'ip_not_allowed')
  for (const ip of ['', 'nonsense', '192.0.2', '192.0.3.1', '::ffff:192.0.3.1']) {
    assert.equal(codeFrom(ip), 'ip_not_allowed', ip)
  }
  for (const ip of ['192.0.2.200', '::ffff:192.0.2.200', '2001:db8:1::1']) assert.equal(codeFrom(ip), 'valid', ip)
})

test('a token that belongs to an account is refused when nothing is known of that account', () => {
  assert.equal(decide({ ...standingOf(exampleToken), owner: null }, {}, now).code, 'owner_disabled')
})

test('the missing scopes are named in the order in which they were asked', () => {
  const standing = standingOf({ ...exampleToken, scopes: ['a:read', 'b:*'] })
  const decision = decide(standing, { scopes: ['z:read', 'b:write', 'a:write', 'a:read'] }, now)
  assert.deepEqual(decision, { code: 'insufficient_scope', missingScopes: ['z:read', 'a:write'] })
})
