import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ExposureLog, hourMs, type Caller } from '@chatelaine/core'
import { actionsSince, forgedFrom, makePerson, makeToken, makeWorld, peer } from './world.ts'

const anonymous: Caller = { type: 'anonymous', peer }

async function withToken() {
  const world = makeWorld()
  const made = await makeToken(world, await makePerson(world))
  const exposures = new ExposureLog()
  const { seq } = world.store.source.position()
  const note = (text = made.text) => exposures.note(world.ports, anonymous, text, 'url')
  return { world, exposures, note, rows: () => actionsSince(world, seq), ...made }
}

describe('a genuine token that is seen where it must not be', () => {
  test('is put into the log with its id, where it was seen and by whom it came, and given back', async () => {
    const { world, token, text, note } = await withToken()
    assert.deepEqual(await note(), token)
    const entry = world.store.entries.at(-1)!
    assert.deepEqual([entry.action, entry.subject.id, entry.details], ['token.exposed', token.id, { where: 'url' }])
    assert.equal(entry.actor.ip, peer.ip)
    assert.equal(JSON.stringify(entry).includes(text), false)
  })

  test('is put there at most once an hour, also by many requests at once', async () => {
    const { world, token, note, rows } = await withToken()
    const all = await Promise.all(Array.from({ length: 10 }, () => note()))
    assert.ok(all.every((one) => one?.id === token.id))
    world.clock.pass(hourMs - 1)
    await note()
    assert.deepEqual(rows(), ['token.exposed'])
    world.clock.pass(1)
    await note()
    assert.deepEqual(rows(), ['token.exposed', 'token.exposed'])
  })

  test('is put there by the next request when the store refused the first', async () => {
    const { world, exposures, text, note, rows } = await withToken()
    const failing = {
      ...world.ports,
      log: { ...world.ports.log, commit: () => Promise.reject(new Error('disk full')) },
    }
    await assert.rejects(exposures.note(failing, anonymous, text, 'url'), /disk full/)
    await note()
    assert.deepEqual(rows(), ['token.exposed'])
  })
})

test('what only looks like a token of ours is no exposure', async () => {
  const { note, text, rows } = await withToken()
  for (const other of ['', 'junk', forgedFrom(text), `${text}x`]) assert.equal(await note(other), undefined)
  assert.deepEqual(rows(), [])
})
