import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cancelRotation, Failure, rotateToken, type TokenAsk } from '@chatelaine/core'
import { refuses } from './failures.ts'
import { actionsSince, makePerson, makeToken, makeWorld, peer, reread, verify } from './world.ts'

/** A token whose new secret nobody has used. Its world's log can be made to do something before the next commit. */
async function rotatedUnused(ask: Partial<TokenAsk>) {
  const next = { before: async (): Promise<void> => {} }
  const world = makeWorld({
    log: (log) => ({
      ...log,
      async commit(changes, once) {
        const { before } = next
        next.before = async () => {}
        await before()
        return log.commit(changes, once)
      },
    }),
  })
  const person = await makePerson(world)
  const { token, text: old } = await makeToken(world, person, ask)
  const rotated = await rotateToken(world.ports, person, token.id)
  assert.ok(!rotated.repeated)
  const began = world.store.entries.length
  const isBegun = async (): Promise<boolean> => (await reread(world, token)).rotation?.firstUsedAt !== null
  return { world, next, person, token, old, fresh: rotated.secret.reveal(), began, isBegun }
}

const once = { rateLimit: { limit: 1, windowSeconds: 60 } }

describe('the first use of a new secret', () => {
  test('is not begun by what the rate refuses', async () => {
    const { world, old, fresh, began, isBegun } = await rotatedUnused(once)
    assert.equal(await verify(world, old), 'valid')
    assert.equal(await verify(world, fresh), 'rate_limited')
    assert.equal(await isBegun(), false)
    assert.deepEqual(actionsSince(world, began), [])
    world.clock.pass(60_000)
    assert.equal(await verify(world, fresh), 'valid')
    assert.equal(await isBegun(), true)
  })

  test('is not begun where no use is left', async () => {
    const { world, old, fresh, isBegun } = await rotatedUnused({ usesGranted: 1 })
    assert.equal(await verify(world, old), 'valid')
    assert.equal(await verify(world, fresh), 'uses_exceeded')
    assert.equal(await isBegun(), false)
  })

  test('is in the log with the address and the client of whoever presented it', async () => {
    const { world, token, fresh } = await rotatedUnused({})
    await verify(world, fresh)
    const { action, actor } = world.store.entries.at(-1)!
    assert.equal(action, 'token.rotation_used')
    assert.deepEqual([actor.tokenId, actor.ip, actor.client], [token.id, peer.ip, peer.client])
  })

  test('that cannot be noted is no answer, and what was spent on it is given back', async () => {
    const { world, next, fresh, isBegun } = await rotatedUnused({ ...once, usesGranted: 1 })
    next.before = () => Promise.reject(new Failure('unavailable', 'The disk is full.'))
    await refuses('unavailable', () => verify(world, fresh))
    assert.equal(await isBegun(), false)
    assert.equal(await verify(world, fresh), 'valid')
    assert.equal(await verify(world, fresh), 'uses_exceeded')
  })

  test('of a secret that is taken back at that moment is refused, and spends nothing', async () => {
    const { world, next, person, token, old, fresh } = await rotatedUnused({ ...once, usesGranted: 1 })
    next.before = async () => void (await cancelRotation(world.ports, person, token.id))
    assert.equal(await verify(world, fresh), 'unknown')
    assert.equal(await verify(world, old), 'valid')
  })
})
