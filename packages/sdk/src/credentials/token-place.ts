import type { Secret } from '@chatelaine/token'
import { CredentialError } from './credential-error.ts'
import { openKeyring } from './keyring.ts'
import type { LoadedToken } from './load-token.ts'
import { storedTokenFile } from './store.ts'
import { readTokenFile, removeDrafts, tokenIn, writeTokenFile } from './token-file.ts'

/** Where a token is kept, so that what takes its place is kept there too. */
export interface TokenPlace {
  /** Beside which file its lock is. */
  readonly lockedBy: string
  read(): Promise<Secret | undefined>
  /** By whoever holds the lock. */
  write(token: Secret): Promise<void>
}

/** @throws CredentialError where nothing can be kept: in the program, or in its environment. */
export async function placeOf({ origin }: LoadedToken): Promise<TokenPlace> {
  const { type, where, file } = origin
  if (file !== undefined) {
    return {
      lockedBy: file,
      read: () => readTokenFile(file),
      async write(token) {
        await removeDrafts(file)
        await writeTokenFile(file, token)
      },
    }
  }
  const keyring = type === 'keyring' ? await openKeyring(where) : undefined
  if (keyring === undefined) {
    throw new CredentialError(
      'not-renewable',
      `A token from ${where} cannot renew itself: there is no place to keep what takes its place.`,
      'Write the token into a file that ends in .token (mode 600), and load it from there.',
    )
  }
  return {
    lockedBy: storedTokenFile(where),
    read() {
      const text = keyring.read()
      return Promise.resolve(text === undefined ? undefined : tokenIn(text, 'the keyring'))
    },
    write: (token) => Promise.resolve(keyring.write(token)),
  }
}
