// The keyring of the system, where the optional package for it is installed and there is a keyring to reach.

import type { Secret } from '@chatelaine/token'

/** Under which name tokens lie in the keyring. */
export const keyringService = 'chatelaine'

/** What we use of `@napi-rs/keyring`. */
interface Entry {
  getPassword(): string | null
  setPassword(password: string): void
  deletePassword(): boolean
}

/**
 * One place in the keyring.
 * @returns `undefined` where there is no keyring: the package is not installed, or the machine has none.
 */
export async function openKeyring(name: string): Promise<KeyringEntry | undefined> {
  try {
    // @ts-expect-error -- an optional peer, which need not be there
    const { Entry } = (await import('@napi-rs/keyring')) as { Entry: new (service: string, name: string) => Entry }
    return new KeyringEntry(new Entry(keyringService, name))
  } catch {
    return undefined
  }
}

export class KeyringEntry {
  readonly #entry: Entry

  constructor(entry: Entry) {
    this.#entry = entry
  }

  /** `undefined` when nothing is kept there, or the keyring does not answer, as without a desktop. */
  read(): string | undefined {
    try {
      return this.#entry.getPassword() ?? undefined
    } catch {
      return undefined
    }
  }

  /** @throws whatever the keyring of this system says when it refuses. */
  write(token: Secret): void {
    this.#entry.setPassword(token.reveal())
  }

  /**
   * Whether there was something.
   * @throws whatever the keyring of this system says when it refuses.
   */
  remove(): boolean {
    return this.#entry.deletePassword()
  }
}
