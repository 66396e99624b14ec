import { neuroioSchemas as schemas } from '@chatelaine/api/wires'
import { changePassword, Failure, issueToken, nameMembers, readOwnAccount, readProject } from '@chatelaine/core'
import { tokenCallerOf } from '../caller.ts'
import { personWith } from '../person.ts'
import { accountOf, wireFields, type WireAnswer, type WireAsk } from '../wire.ts'
import { tokenJson } from './token-json.ts'

/** A temporary token for user name and password. What it may make is what the person could. */
export async function logIn(ask: WireAsk): Promise<WireAnswer> {
  const { username, password } = wireFields(ask, schemas.LogIn)
  const person = await personWith(ask.service, ask.incoming, username, password)
  const issued = await issueToken(ask.service.ports, person, { accountId: person.account.id, origin: 'neuroio' })
  const body = { user: { username: person.account.username }, token: tokenJson(issued) }
  return { status: 200, body }
}

/** A space token shows its space, and whoever made it. */
export async function whoAmI(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const caller = await tokenCallerOf(ask)
  const { projectId, createdBy } = caller.token
  if (projectId === null) {
    accountOf(caller)
    const { username } = await readOwnAccount(ports, caller)
    return { status: 200, body: { username, space: null } }
  }
  const { serial, name, members } = await readProject(ports, caller, projectId)
  const makers = members.filter(({ accountId }) => accountId === createdBy)
  const [maker] = await nameMembers(ports, makers)
  return { status: 200, body: { username: maker?.username ?? '', space: { id: serial, name } } }
}

/** The old password proves the person, whatever the token may do. */
export async function changeOwnPassword(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const caller = await tokenCallerOf(ask)
  const accountId = accountOf(caller)
  const { old_password: currentPassword, password, reset_tokens } = wireFields(ask, schemas.ChangePassword)
  const { username } = await readOwnAccount(ports, caller)
  const person = await personOf(ask, username, currentPassword)
  await changePassword(ports, person, accountId, {
    currentPassword,
    newPassword: password,
    revokeTokens: reset_tokens ?? false,
  })
  return { status: 204, body: null }
}

async function personOf({ service, incoming }: WireAsk, username: string, password: string) {
  try {
    return await personWith(service, incoming, username, password)
  } catch (error) {
    if (!(error instanceof Failure) || error.key !== 'sign-in-failed') throw error
    throw new Failure('password-rejected', 'The old password does not match.', {
      fields: [{ pointer: '/old_password', detail: 'Incorrect password.' }],
    })
  }
}
