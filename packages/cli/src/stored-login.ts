// What `login` stores beside the token: to whom it belongs. Without that a token could be sent to another server.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { storedTokenFile } from '@chatelaine/sdk/node'

/** A login, without its token. */
export interface Login {
  readonly url: string
}

const privateMode = 0o600

/** `undefined` when nobody logged in under this name. */
export async function readLogin(name?: string): Promise<Login | undefined> {
  try {
    const login: unknown = JSON.parse(await readFile(loginFile(name), 'utf8'))
    return isLogin(login) ? login : undefined
  } catch {
    return undefined
  }
}

/** The directory has to be there: the token is written first. */
export async function writeLogin(login: Login, name?: string): Promise<void> {
  await writeFile(loginFile(name), `${JSON.stringify(login)}\n`, { mode: privateMode })
}

export async function removeLogin(name?: string): Promise<void> {
  await rm(loginFile(name), { force: true })
}

function loginFile(name?: string): string {
  return storedTokenFile(name).replace(/\.token$/, '.json')
}

function isLogin(value: unknown): value is Login {
  return typeof value === 'object' && value !== null && 'url' in value && typeof value.url === 'string'
}
