import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Secret } from '@chatelaine/token'
import { CredentialError } from './credential-error.ts'
import { checkGit, ignoreLine } from './git.ts'
import { openKeyring } from './keyring.ts'
import { storedNameDefault, storedTokenFile } from './store.ts'
import { isMissing, readTokenFile, tokenFileEnding, tokenIn } from './token-file.ts'

/** The variable that is read when none is named. */
export const tokenVariable = 'CHATELAINE_TOKEN'

export interface LoadTokenOptions {
  /** The token itself. Nothing else is looked at then. */
  readonly token?: string | Secret | undefined
  /** A file, whatever its name. Nothing else is looked at then, and it has to be there. */
  readonly file?: string | undefined
  /** The environment variable, such as `COSCINE_API_TOKEN`; `CHATELAINE_TOKEN`. */
  readonly env?: string | undefined
  /** Which token, where there are several: the file `<name>.token`, and the name in the keyring and in the store. */
  readonly name?: string | undefined
  /** Where `*.token` files are looked for; the current directory. */
  readonly directory?: string | undefined
  /** Hears what should be mended and still works. Without it, it becomes a warning of the process. */
  readonly warn?: ((message: string) => void) | undefined
}

/** Where a token was found. `where` is for people: the variable, the file, the name. */
export interface TokenOrigin {
  readonly type: 'given' | 'environment' | 'file' | 'keyring' | 'store'
  readonly where: string
  /** The file, of the types that have one. */
  readonly file?: string
}

/** A token, and where it was found. It prints as `[redacted]`. */
export class LoadedToken extends Secret {
  readonly origin: TokenOrigin

  constructor(token: Secret, origin: TokenOrigin) {
    super(token.reveal())
    this.origin = origin
  }
}

/**
 * Finds a token, the first of: what is given as `token` or `file`, the environment variable, a `*.token` file in the
 * directory, the system's keyring where `@napi-rs/keyring` is installed, what `chatelaine login` stored. `origin` of the
 * result says which.
 *
 * One newline at the end of a file is stripped. A file that others may read is refused, and so is one that git tracks;
 * of one that git could track there is a warning.
 *
 * @throws CredentialError, whose message says what is wrong and whose hint says how to mend it.
 *
 * @example
 * const token = await loadToken({ env: 'COSCINE_API_TOKEN' })
 * const client = createClient({ url: 'https://tokens.example.org', token })
 */
export async function loadToken(options: LoadTokenOptions = {}): Promise<LoadedToken> {
  const { token, file, env = tokenVariable, name, directory = '.', warn = warnOfProcess } = options
  if (token !== undefined) return given(token)
  if (file !== undefined) return fromNamedFile(resolve(file), warn)

  const variable = process.env[env]
  if (variable !== undefined && variable !== '') {
    return new LoadedToken(tokenIn(variable, `the variable ${env}`), { type: 'environment', where: env })
  }
  const found = await findTokenFile(resolve(directory), checkedName(name))
  if (found !== undefined) return fromNamedFile(found, warn)

  const kept = (await openKeyring(name ?? storedNameDefault))?.read()
  if (kept !== undefined) {
    const where = name ?? storedNameDefault
    return new LoadedToken(tokenIn(kept, 'the keyring'), { type: 'keyring', where })
  }
  const stored = storedTokenFile(name)
  const storedToken = await readTokenFile(stored)
  if (storedToken !== undefined) return new LoadedToken(storedToken, { type: 'store', where: stored, file: stored })
  throw new CredentialError(
    'none-found',
    `There is no token: the variable ${env} is not set, ${resolve(directory)} has no file ${name ?? '*'}${tokenFileEnding}, and nothing is stored by \`chatelaine login\`.`,
    `Set ${env}, write the token into a file that ends in ${tokenFileEnding} (mode 600), or run: chatelaine login`,
  )
}

function given(token: string | Secret): LoadedToken {
  const secret = typeof token === 'string' ? tokenIn(token, 'the option token') : token
  return secret instanceof LoadedToken ? secret : new LoadedToken(secret, { type: 'given', where: 'the program' })
}

async function fromNamedFile(file: string, warn: (message: string) => void): Promise<LoadedToken> {
  const token = await readTokenFile(file)
  if (token === undefined) {
    throw new CredentialError(
      'none-found',
      `The file ${file} does not exist.`,
      `Write the token into it, then run: chmod 600 '${file}'. In a repository, add the line ${ignoreLine(file)} to .gitignore.`,
    )
  }
  const warning = await checkGit(file)
  if (warning !== undefined) warn(warning)
  return new LoadedToken(token, { type: 'file', where: file, file })
}

async function findTokenFile(directory: string, name: string | undefined): Promise<string | undefined> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw new CredentialError('unreadable', `The directory ${directory} cannot be read.`, 'Name another one.', error)
  })
  // As in a shell, a star does not stand for a dot at the beginning.
  const found = names.filter((file) =>
    name === undefined ? file.endsWith(tokenFileEnding) && !file.startsWith('.') : file === `${name}${tokenFileEnding}`,
  )
  if (found.length > 1) {
    throw new CredentialError(
      'several-found',
      `The directory ${directory} has several token files: ${found.toSorted().join(', ')}.`,
      `Say which: loadToken({ name: '${basename(found.toSorted()[0]!, tokenFileEnding)}' }).`,
    )
  }
  return found[0] === undefined ? undefined : join(directory, found[0])
}

function checkedName(name: string | undefined): string | undefined {
  if (name !== undefined && !/^[\w.-]{1,64}$/.test(name)) {
    throw new RangeError('name is 1 to 64 letters, digits, dots, dashes or underscores.')
  }
  return name
}

function warnOfProcess(message: string): void {
  process.emitWarning(message, 'ChatelaineWarning')
}
