import { describe, test } from 'node:test'
import {
  changeAccount,
  changeOwnAccount,
  changePassword,
  changeToken,
  createProject,
  issueToken,
  operatorCaller,
  revokeToken,
  signOut,
  type Caller,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { makePerson, makeToken, makeWorld, peer, type World } from './world.ts'

/** What whoever was let in a moment ago may go on to ask for. */
const deeds: Record<string, (world: World, caller: Caller, tokenId: `tok_${string}`) => Promise<unknown>> = {
  'creates a token': ({ ports }, caller) => issueToken(ports, caller, { origin: 'api' }),
  'creates a project': ({ ports }, caller) => createProject(ports, caller, { name: 'Atlas' }),
  'changes a token': ({ ports }, caller, id) => changeToken(ports, caller, id, { label: 'other' }),
  'revokes a token': ({ ports }, caller, id) => revokeToken(ports, caller, id),
  'changes the own account': ({ ports }, caller) => changeOwnAccount(ports, caller, { name: 'Other' }),
}

describe('a caller that was let in and ended before its change is written', () => {
  for (const [what, act] of Object.entries(deeds)) {
    test(`by its session being signed out, ${what} no more`, async () => {
      const world = makeWorld()
      const person = await makePerson(world)
      const { token } = await makeToken(world, person)
      const { session } = (await world.ports.sessions.find(person.sessionId!))!
      await signOut(world.ports, peer, person.account, session)
      await refuses('credential-rejected', () => act(world, person, token.id))
    })

    test(`by a password that was changed meanwhile, ${what} no more`, async () => {
      const world = makeWorld()
      const person = { ...(await makePerson(world)), sessionId: null }
      const { token } = await makeToken(world, person)
      await changePassword(world.ports, operatorCaller, person.account.id, { newPassword: 'another long password' })
      await refuses('sign-in-failed', () => act(world, person, token.id))
    })

    test(`by its account having been disabled for a moment, ${what} no more`, async () => {
      const world = makeWorld()
      const person = await makePerson(world)
      const { token } = await makeToken(world, person)
      await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'disabled' })
      await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'active' })
      await refuses('credential-rejected', () => act(world, person, token.id))
    })

    test(`by the account of its token being disabled, ${what} no more`, async () => {
      const world = makeWorld()
      const person = await makePerson(world)
      const { token } = await makeToken(world, person)
      const { caller } = await makeToken(world, person, { scopes: ['*', 'chatelaine.accounts:write'] })
      await changeAccount(world.ports, operatorCaller, person.account.id, { status: 'disabled' })
      const expected = what.startsWith('creates') ? 'not-permitted' : 'credential-rejected'
      await refuses(expected, () => act(world, caller, token.id))
    })
  }
})
