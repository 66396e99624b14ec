// Where the token of a login is kept: in a file under the configuration directory, or in the keyring of the system.

import { rm } from 'node:fs/promises'
import { createClient, isProblem, Secret } from '@chatelaine/sdk'
import { openKeyring, readTokenFile, storedNameDefault, storedTokenFile, writeTokenFile } from '@chatelaine/sdk/node'
import { userAgent } from '../connection.ts'
import { CommandFailure } from '../failure.ts'
import { readLogin, removeLogin, writeLogin, type Login } from '../stored-login.ts'

export interface Kept {
  readonly login: Login
  readonly token: Secret | undefined
}

/** @throws CommandFailure when the keyring is wanted and there is none. */
export async function keyringFor(name: string | undefined) {
  const keyring = await openKeyring(name ?? storedNameDefault)
  if (keyring !== undefined) return keyring
  throw new CommandFailure('there is no keyring', 'run: npm install --global @napi-rs/keyring, or leave --keyring out')
}

/** Keeps a token, in the place of the one before. */
export async function keep(token: Secret, login: Login, name: string | undefined): Promise<void> {
  // At no moment may a token lie beside the name of another server, since it would be sent there.
  await rm(storedTokenFile(name), { force: true })
  await writeLogin(login, name)
  if (login.keyring) (await keyringFor(name)).write(token)
  else await writeTokenFile(storedTokenFile(name), token)
}

/** What is kept under this name. */
export async function findKept(name: string | undefined): Promise<Kept | undefined> {
  const login = await readLogin(name)
  if (login === undefined) return undefined
  if (!login.keyring) return { login, token: await readTokenFile(storedTokenFile(name)) }
  const kept = (await keyringFor(name)).read()
  return { login, token: kept === undefined ? undefined : new Secret(kept) }
}

/** Revokes a kept token. One that is dead already is no failure. */
export async function revokeKept({ login, token }: Kept): Promise<void> {
  if (token === undefined) return
  try {
    await createClient({ url: login.url, token, userAgent }).tokens.revokeSelf()
  } catch (error) {
    if (!isProblem(error, 'credential-rejected')) throw error
  }
}

export async function forget({ login }: Kept, name: string | undefined): Promise<void> {
  if (login.keyring) (await keyringFor(name)).remove()
  await rm(storedTokenFile(name), { force: true })
  await removeLogin(name)
}
