import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  accountRoles,
  accountStatuses,
  applyTaken,
  applyTakenToAccount,
  decide,
  formatBlock,
  takenState,
  tokenStateOf,
  type Question,
  type Token,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { addresses, allowLists, scopeLists } from './arbitraries.ts'
import { standingOf, tokenLike } from './examples.ts'
import { startAt } from './world.ts'

const instants = fc.constantFrom(null, startAt - 1, startAt, startAt + 1, startAt + 2)

const versions: fc.Arbitrary<Token> = fc
  .record({
    isActive: fc.boolean(),
    scopes: scopeLists,
    allowedIps: allowLists,
    expiresAt: instants,
    revokedAt: fc.constantFrom(null, null, startAt),
  })
  .map((fields) => tokenLike({ ...fields, revokedReason: fields.revokedAt === null ? null : 'x' }))

const questions: fc.Arbitrary<Question> = fc
  .record({ scopes: scopeLists, address: addresses })
  .map(({ scopes, address }) => ({ scopes, clientIp: formatBlock({ base: address, prefixLength: 128 }) }))

function isGood(token: Token, question: Question): boolean {
  return decide(standingOf(token), question, startAt).code === 'valid'
}

describe('taking away again what a restore brought back', () => {
  it('leaves a token good for nothing that either version would have been refused for', () => {
    fc.assert(
      fc.property(versions, versions, questions, (restored, taken, question) => {
        const narrowed = applyTaken(restored, tokenStateOf(taken))
        if (isGood(narrowed, question)) assert.ok(isGood(restored, question) && isGood(taken, question))
      }),
    )
  })

  it('changes nothing more when it is done twice', () => {
    fc.assert(
      fc.property(versions, versions, (restored, taken) => {
        const once = applyTaken(restored, tokenStateOf(taken))
        assert.deepEqual(applyTaken(once, tokenStateOf(taken)), once)
      }),
    )
  })

  it('leaves a token good for what both versions were good for, where the one encloses the other', () => {
    const restored = tokenLike({ scopes: ['*'], allowedIps: [] })
    const taken = tokenLike({ scopes: ['data:read'], allowedIps: ['192.0.2.0/24'], expiresAt: startAt + 1 })
    const narrowed = applyTaken(restored, tokenStateOf(taken))
    assert.ok(isGood(narrowed, { scopes: ['data:read'], clientIp: '192.0.2.7' }))
    assert.deepEqual(narrowed, taken)
  })

  it('suspends a token when no address is left that both versions allow', () => {
    const restored = tokenLike({ allowedIps: ['192.0.2.1'] })
    const narrowed = applyTaken(restored, tokenStateOf(tokenLike({ allowedIps: ['192.0.2.2'] })))
    assert.equal(narrowed.isActive, false)
    assert.deepEqual(narrowed.allowedIps, ['192.0.2.1'])
  })

  it('leaves an account the lesser role, the lesser status, and the later password and identity', () => {
    const identity = { issuer: 'https://login.example.com', subject: '1' }
    const before = { role: 'admin', status: 'active', passwordHash: 'old', identity }
    for (const role of accountRoles) {
      for (const status of accountStatuses) {
        const left = applyTakenToAccount(before as Parameters<typeof applyTakenToAccount>[0], {
          type: 'account',
          role,
          status,
          passwordHash: 'new',
          identity: null,
        })
        assert.deepEqual(left, { role, status, passwordHash: 'new', identity: null })
      }
    }
  })

  it('keeps a state only of what takes away', () => {
    const write = { put: 'token', token: tokenLike({}) } as const
    assert.equal(takenState({ effect: 'gives', write }), undefined)
    assert.equal(takenState({ effect: 'none', write }), undefined)
    assert.deepEqual(takenState({ effect: 'takes', write }), tokenStateOf(write.token))
    assert.equal(takenState({ effect: 'takes', write: { remove: 'session', sessionId: 'x' } }), undefined)
  })
})
