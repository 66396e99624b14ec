// What `login` stores beside the token: to whom it belongs. Without that a token could be sent to another server.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { storedTokenFile } from '@chatelaine/sdk/node'

/** A login, without its token. */
export interface Login {
  readonly url: string
  /** The token is in the keyring of the system. */
  readonly keyring?: boolean
}

const privateMode = 0o600
const privateDirectoryMode = 0o700

/** `undefined` when nobody logged in under this name. */
export async function readLogin(name?: string): Promise<Login | undefined> {
  try {
    const login: unknown = JSON.parse(await readFile(loginFile(name), 'utf8'))
    return isLogin(login) ? login : undefined
  } catch {
    return undefined
  }
}

export async function writeLogin(login: Login, name?: string): Promise<void> {
  await mkdir(dirname(loginFile(name)), { recursive: true, mode: privateDirectoryMode })
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
