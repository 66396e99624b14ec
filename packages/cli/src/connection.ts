// Which server a command speaks to, and with which token.

import { InvalidArgumentError, type Command } from 'commander'
import type { Client } from '@chatelaine/sdk'
import type { LoadedToken } from '@chatelaine/sdk/node'
import { Misuse } from './failure.ts'
import type { Terminal } from './terminal.ts'

export interface ConnectionOptions {
  readonly url?: string
  readonly tokenFile?: string
  readonly name?: string
}

export interface Connection {
  readonly url: string
  readonly client: Client
  readonly token: LoadedToken
}

/** Where a server listens that was started without a word about it. */
const urlDefault = 'http://127.0.0.1:8470'

/** Under what name the server sees this program. */
export const userAgent = 'chatelaine-cli/0.1.0'

/** Gives a command the options that `connect` reads. */
export function withConnection(command: Command): Command {
  return withServer(command)
    .option('--token-file <file>', 'the file with the token to use')
    .option('--name <name>', 'which login to use, where there are several', requireName)
}

/** Gives a command that needs no token the option that names the server. */
export function withServer(command: Command): Command {
  return command.option('--url <url>', 'where the server is')
}

/** @throws Misuse for a URL that is none, or when the stored token belongs to another server. */
export async function connect(options: ConnectionOptions, terminal: Terminal): Promise<Connection> {
  const { loadToken } = await import('@chatelaine/sdk/node')
  const { tokenFile: file, name } = options
  const token = await loadToken({ file, name, warn: (message) => terminal.tell(`warning: ${message}`) })
  const url = await serverUrl(options)
  const client = await clientOf(url, token)
  const { readLogin } = await import('./stored-login.ts')
  const login = token.origin.type === 'store' || token.origin.type === 'keyring' ? await readLogin(name) : undefined
  if (login !== undefined && !sameServer(login.url, url)) {
    throw new Misuse(
      `the stored token belongs to ${login.url}, and is not sent to ${url}`,
      `run: chatelaine login --url ${url} --name ANOTHER, and add --name ANOTHER to your commands`,
    )
  }
  if (isExposed(url)) terminal.tell(`warning: the token goes to ${url} unencrypted; use https`)
  return { url, token, client }
}

/** A client that sends no token. */
export async function connectWithoutToken(options: ConnectionOptions): Promise<{ url: string; client: Client }> {
  const url = await serverUrl(options)
  return { url, client: await clientOf(url) }
}

/** Where the server is: what is said here, else the variable, else where the person logged in, else this machine. */
export async function serverUrl({ url, name }: ConnectionOptions): Promise<string> {
  const named = url ?? process.env['CHATELAINE_URL']
  if (named !== undefined) return named
  const { readLogin } = await import('./stored-login.ts')
  return (await readLogin(name))?.url ?? urlDefault
}

/** Whether what is sent there can be read on the way. */
export function isExposed(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)
}

async function clientOf(url: string, token?: LoadedToken): Promise<Client> {
  const { createClient } = await import('@chatelaine/sdk')
  try {
    return createClient({ url, token, userAgent })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Misuse(`${url} is no URL of a server`, 'such as https://tokens.example.org')
  }
}

function sameServer(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href
}

/** The value of `--name`. */
export function requireName(text: string): string {
  if (/^[\w.-]{1,64}$/.test(text)) return text
  throw new InvalidArgumentError('It is 1 to 64 letters, digits, dots, dashes or underscores.')
}
