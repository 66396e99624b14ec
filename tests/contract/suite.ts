import { randomBytes } from 'node:crypto'
import { describe, test, type TestContext } from 'node:test'
import type {
  AccountStore,
  ChangeLog,
  HandoffStore,
  Housekeeping,
  LogSource,
  OnceStore,
  ProjectStore,
  SessionStore,
  SettingsStore,
  TokenStore,
  UsageStore,
} from '@chatelaine/core'
import { deriveKeys, KeyRing, type Keys } from '@chatelaine/token/keys'

/** The ports of one backend, all on the same store. */
export interface Storage {
  readonly log: ChangeLog
  readonly source: LogSource
  readonly once: OnceStore
  readonly tokens: TokenStore
  readonly accounts: AccountStore
  readonly projects: ProjectStore
  readonly sessions: SessionStore
  readonly settings: SettingsStore
  readonly handoffs: HandoffStore
  readonly usage: UsageStore
  readonly housekeeping: Housekeeping
}

/** Opens an empty store under these keys, which is closed and removed when the test ends. */
export type OpenStorage = (context: TestContext, ringText: string) => Promise<Storage>

/** What is given to one test. */
export interface Subject extends Storage {
  readonly keys: Keys
}

export interface SuiteOptions {
  /** Promises that this backend cannot keep, and why. Each is announced. */
  readonly skip?: readonly { readonly promise: string; readonly reason: string }[]
}

export type DefinePromise = (title: string, body: (subject: Subject) => Promise<void>) => void

export const ring = KeyRing.generate((count) => randomBytes(count))

/** One suite of promises, each tried on a store of its own. */
export function describePort(
  port: string,
  open: OpenStorage,
  { skip = [] }: SuiteOptions,
  define: (promise: DefinePromise) => void,
): void {
  describe(port, () => {
    define((title, body) => {
      const reason = skip.find(({ promise }) => promise === title)?.reason
      test(title, { skip: reason ?? false }, async (context) => {
        const storage = await open(context, ring.toText().reveal())
        await body({ ...storage, keys: deriveKeys(ring) })
      })
    })
  })
}
