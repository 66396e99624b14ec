import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  changeToken,
  issueToken,
  operatorCaller,
  readCatalogue,
  replaceCatalogue,
  type CatalogueAsk,
  type ScopeHolder,
} from '@chatelaine/core'
import * as fc from 'fast-check'
import { refuses } from './failures.ts'
import { makeManager, makePerson, makeToken, makeWorld, verify, type Made, type World } from './world.ts'

function entry(name: string, kinds: readonly ScopeHolder[] = ['account', 'project']): CatalogueAsk {
  return { name, description: `Do ${name}`, group: 'Data', kinds, sensitive: false }
}

function catalogue({ ports }: World, ...names: readonly (string | CatalogueAsk)[]) {
  const asked = names.map((name) => (typeof name === 'string' ? entry(name) : name))
  return replaceCatalogue(ports, operatorCaller, asked)
}

/** Whether a token is granted a scope. */
async function grants(world: World, { text }: Made, scope: string): Promise<boolean> {
  return (await verify(world, text, { scopes: [scope] })) === 'valid'
}

describe('a catalogue of scopes', () => {
  test('is none until somebody makes one, and any scope may be held', async () => {
    const world = makeWorld()
    assert.equal(await readCatalogue(world.ports), null)
    assert.ok(
      await grants(world, await makeToken(world, await makePerson(world), { scopes: ['data:read'] }), 'data:read'),
    )
  })

  test('says of each scope what was asked, by name', async () => {
    const world = makeWorld()
    const sensitive = { ...entry('data:delete', ['account']), group: '', sensitive: true }
    await catalogue(world, 'data:read', sensitive)
    assert.deepEqual(await readCatalogue(world.ports), {
      version: 1,
      entries: {
        'data:delete': { description: 'Do data:delete', group: '', since: { account: 0 }, sensitive: true },
        'data:read': {
          description: 'Do data:read',
          group: 'Data',
          since: { account: 0, project: 0 },
          sensitive: false,
        },
      },
    })
  })

  test('names no wildcard, no management scope, nothing twice and nothing that is no scope, and is never empty', async () => {
    const world = makeWorld()
    for (const names of [['data:*'], ['*'], ['chatelaine.tokens:read'], ['data:read', 'data:read'], ['Data'], []]) {
      await refuses('invalid-request', () => catalogue(world, ...names))
    }
    assert.deepEqual(world.store.entries, [])
  })

  test('is changed by whoever may change the settings', async () => {
    const world = makeWorld()
    const writer = await makeManager(world, { scopes: ['chatelaine.settings:write'] })
    await replaceCatalogue(world.ports, writer.caller, [entry('data:read')])
    const reader = await makeManager(world, { scopes: ['chatelaine.settings:read'] })
    await refuses('scope-missing', () => replaceCatalogue(world.ports, reader.caller, [entry('data:write')]))
    const person = await makePerson(world)
    await refuses('not-permitted', () => replaceCatalogue(world.ports, person, [entry('data:write')]))
  })

  test('that is set again writes nothing; what was added gives, what was removed takes, and the log names both', async () => {
    const world = makeWorld()
    await catalogue(world, 'data:read')
    await catalogue(world, 'data:read')
    await catalogue(world, 'data:read', 'data:write')
    await catalogue(world, entry('data:read', ['account']))
    assert.deepEqual(
      world.store.entries.map(({ action, effect, details }) => [action, effect, details]),
      [
        ['deployment.scopes_changed', 'takes', { added: ['data:read'] }],
        ['deployment.scopes_changed', 'gives', { added: ['data:write'] }],
        ['deployment.scopes_changed', 'takes', { removed: ['data:write'], changed: ['data:read'] }],
      ],
    )
  })

  test('bounds what tokens are made and changed with, by kind, and the refusal names the scope', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await catalogue(world, 'data:read', entry('jobs:run', ['project']))
    const make = (scopes: string[]) => issueToken(world.ports, person, { origin: 'api', scopes })
    await make(['*'])
    await make(['data:read', 'data:*', 'chatelaine.tokens:read'])
    const { token } = await make(['data:read'])
    await refuses('invalid-request', () => make(['data:write']), /data:write/)
    await refuses('invalid-request', () => make(['jobs:run']), /jobs:run/)
    await refuses('invalid-request', () => make(['jobs:*']), /jobs:\*/)
    const edit = { scopes: ['data:read', 'files:read'] }
    await refuses('invalid-request', () => changeToken(world.ports, person, token.id, edit), /files:read/)
  })

  test('that no longer names a scope grants it to nobody, remembered tokens included', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    const exact = await makeToken(world, person, { scopes: ['data:read'] })
    const whole = await makeToken(world, person, { scopes: ['data:*'] })
    const all = await makeToken(world, person)
    for (const made of [exact, whole, all]) assert.ok(await grants(world, made, 'data:read'))
    await catalogue(world, 'jobs:run')
    for (const made of [exact, whole, all]) assert.equal(await grants(world, made, 'data:read'), false)
    assert.ok(await grants(world, all, 'chatelaine.tokens:read'))
    const label = await changeToken(world.ports, person, exact.token.id, { label: 'still here' })
    assert.deepEqual(label.scopes, ['data:read'])
  })

  test('that names a scope anew gives it to nobody who held its name or its resource before, but for *', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await catalogue(world, 'data:read', 'data:write')
    const exact = await makeToken(world, person, { scopes: ['data:write'] })
    const whole = await makeToken(world, person, { scopes: ['data:*'] })
    const all = await makeToken(world, person)
    await catalogue(world, 'data:read')
    await catalogue(world, 'data:read', 'data:write', 'data:delete')
    assert.equal(await grants(world, exact, 'data:write'), false)
    assert.equal(await grants(world, whole, 'data:write'), false)
    assert.equal(await grants(world, whole, 'data:delete'), false)
    assert.ok(await grants(world, whole, 'data:read'))
    assert.ok(await grants(world, all, 'data:delete'))

    await changeToken(world.ports, person, whole.token.id, { scopes: ['data:*'] })
    assert.ok(await grants(world, whole, 'data:delete'))
  })

  test('tells verifiers what the scopes of a token are worth', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await catalogue(world, 'data:read', 'jobs:run')
    const { text } = await makeToken(world, person, { scopes: ['data:*', 'jobs:*', 'chatelaine.tokens:read'] })
    await catalogue(world, 'data:read', 'data:write', 'jobs:run')
    const { known } = await world.verifier.verify(text, {})
    assert.deepEqual(known?.scopes, ['chatelaine.tokens:read', 'data:read', 'jobs:*'])
  })

  test('is no way to grow: a token gives only what its scopes are worth, and cannot give its own anew', async () => {
    const world = makeWorld()
    const person = await makePerson(world)
    await catalogue(world, 'data:read')
    const scopes = ['chatelaine.tokens:write', 'data:*']
    const { caller, token } = await makeToken(world, person, { scopes })
    await catalogue(world, 'data:read', 'data:write')
    await refuses('exceeds-caller', () => makeToken(world, caller, { scopes: ['data:*'] }))
    await refuses('exceeds-caller', () => makeToken(world, caller, { scopes: ['data:write'] }))
    await refuses('exceeds-caller', () => changeToken(world.ports, caller, token.id, { scopes }))
    const made = await makeToken(world, caller)
    assert.deepEqual(made.token.scopes, ['chatelaine.tokens:write', 'data:read'])
  })

  test('never widens a token without *, however often it changes', async () => {
    const names = ['data:read', 'data:write', 'jobs:run', 'jobs:stop']
    const subsets = fc.subarray(names, { minLength: 1 })
    const kinds = fc.constantFrom<readonly ScopeHolder[]>(['account'], ['project'], ['account', 'project'])
    const catalogues = fc.array(fc.tuple(subsets, kinds), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(catalogues, async (changes) => {
        const world = makeWorld()
        const person = await makePerson(world)
        const held = [['data:read'], ['data:*'], ['data:write', 'jobs:*']]
        const made = await Promise.all(held.map((scopes) => makeToken(world, person, { scopes })))
        const granted = async () => Promise.all(made.flatMap((one) => names.map((name) => grants(world, one, name))))
        let before = await granted()
        for (const [chosen, of] of changes) {
          await catalogue(world, ...chosen.map((name) => entry(name, of)))
          const after = await granted()
          assert.ok(after.every((isGranted, index) => !isGranted || before[index]))
          before = after
        }
      }),
      { numRuns: 50 },
    )
  })
})
