import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hourMs, lastBackup, noteBackup, operatorCaller, type Backup } from '@chatelaine/core'
import { refuses } from './failures.ts'
import { actionsSince, makePerson, makeWorld } from './world.ts'

test('a backup is in the log once, however often and by however many it is noted, and the last one is told', async () => {
  const world = makeWorld()
  const { ports } = world
  const admin = await makePerson(world, { username: 'root', role: 'admin' })
  const { seq, epoch } = world.store.source.position()
  assert.equal(await lastBackup(ports, admin), undefined)
  const first: Backup = { takenAt: world.clock.now(), file: '/backups/1.db', position: { epoch, seq } }
  await Promise.all(Array.from({ length: 3 }, () => noteBackup(ports, 'first', first)))
  assert.deepEqual(actionsSince(world, seq), ['deployment.backed_up'])
  assert.equal(world.store.entries.at(-1)?.actor.type, 'operator')
  assert.deepEqual(await lastBackup(ports, admin), first)
  world.clock.pass(hourMs)
  const second: Backup = { ...first, takenAt: world.clock.now(), file: '/backups/2.db' }
  await noteBackup(ports, 'second', second)
  assert.deepEqual(await lastBackup(ports, operatorCaller), second)
})

test('who made backups is told to those alone who reach the whole deployment', async () => {
  const world = makeWorld()
  const person = await makePerson(world)
  await refuses('not-permitted', () => lastBackup(world.ports, person))
})
