// The rules of the house as data. tidy.test.ts holds every file of the repository to them.

type Place = {
  /** Which of our packages it may import: `core` is what `@chatelaine/core` exports by itself, `core/*` every entry. */
  readonly ours: readonly string[]
  /** Which ones its tests may import besides. */
  readonly oursInTests?: readonly string[]
  /** Which packages of others its source may import. Its tests may import any that package.json names. */
  readonly theirs: 'any' | readonly string[]
  /** Whether its source may import `node:` modules. */
  readonly node: boolean
}

/** What each package may import; what is not named here is against the architecture. All outside packages/ is free. */
export const places: Readonly<Record<string, Place>> = {
  token: { ours: [], theirs: [], node: true },
  api: { ours: [], theirs: ['zod'], node: false },
  // Its tests run on the real keys, which core itself is passed.
  core: { ours: ['token'], oursInTests: ['token/*'], theirs: [], node: false },
  storage: { ours: ['core/*', 'token/*'], theirs: 'any', node: true },
  server: { ours: ['core/*', 'storage/*', 'api/*', 'token/*'], theirs: 'any', node: true },
  // Of core, the SDK shares the freshness protocol and nothing else.
  sdk: { ours: ['token', 'api/*', 'core/freshness'], theirs: 'any', node: true },
  // The server, for serve, backup and restore; the format of the token, for scan.
  cli: { ours: ['sdk/*', 'server/*', 'token'], theirs: 'any', node: true },
  console: { ours: ['sdk/*'], theirs: 'any', node: false },
}

/** Globals that would let `core` know when, where or by what chance it runs. Such things are passed in. */
export const globalsUnknownToCore: Readonly<Record<string, string>> = {
  performance: 'a clock',
  Temporal: 'a clock',
  setTimeout: 'a timer',
  setInterval: 'a timer',
  setImmediate: 'a timer',
  queueMicrotask: 'a timer',
  crypto: 'a source of randomness',
  process: 'the environment',
  globalThis: 'the environment',
  global: 'the environment',
  navigator: 'the environment',
  fetch: 'the network',
}

/** The same for members of globals that are harmless otherwise: `Date.parse` knows no time of its own. */
export const membersUnknownToCore: Readonly<Record<string, string>> = {
  'Date.now': 'a clock',
  'Math.random': 'a source of randomness',
}

/** Names that say nothing of what is inside. */
export const emptyNames: readonly string[] = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'lib', 'libs']

/** Words for unfinished work, as patterns, so that this file does not hold the words themselves. */
export const unfinishedWords: readonly string[] = ['T[O]DO', 'F[I]XME', 'X{3}']

/** Where machines keep people's files: a path that begins with one works on the machine of whoever wrote it. */
export const privateDirectories: readonly string[] = ['work', 'root', 'home', 'Users']

/**
 * The files that take the text out of a `Secret`, and what for. Whoever adds a line makes one more place where a secret
 * can leak: see first whether the `Secret` can be handed on instead. Tests may reveal what they made.
 */
export const mayReveal: Readonly<Record<string, string>> = {
  'packages/cli/src/scan/fate.ts': 'hands tokens that leaked to their server, to be revoked',
  'packages/cli/src/secret-out.ts': 'prints a new token on standard output, the one time',
  'packages/console/src/tokens/secret-shown.tsx': 'shows a person the new token, the one time',
  'packages/core/src/tokens/issue.ts': 'hands a new token to the keyed hash, the only form of it that is stored',
  'packages/core/src/tokens/rotate.ts': 'hands a new secret to the keyed hash, the only form of it that is stored',
  'packages/core/src/sign-in/sign-in.ts':
    'hands a new session cookie to the keyed hash, the only form of it that is stored',
  'packages/sdk/src/credentials/keyring.ts': 'keeps a token in the keyring of the system',
  'packages/sdk/src/credentials/load-token.ts': 'makes a token of a token, with where it was found',
  'packages/sdk/src/credentials/token-file.ts': 'writes a token into a file of mode 0600',
  'packages/sdk/src/testing.ts': 'finds the tokens that it made for a test by what is presented',
  'packages/sdk/src/client/call.ts': 'sends the token of the client in the Authorization header',
  'packages/server/src/processes/answering.ts': 'hands the key ring to the storage, which derives its own keys',
  'packages/server/src/processes/writer.ts': 'hands the key ring to the thread that writes, which derives its own keys',
  'packages/server/src/storage.ts':
    'hands the key ring and the address of the database to the storage, whose threads derive their own keys',
  'packages/server/src/first-start.ts':
    'reads the password of the first administrator, and whether the bootstrap token is good',
  'packages/server/src/http/authorize.ts': 'sends the browser back with a new authorization code, the one time',
  'packages/server/src/http/oauth.ts': 'answers with a new token or device code, the one time',
  'packages/server/src/http/portal-sessions.ts': 'answers with a new portal session, the one time',
  'packages/server/src/http/session-cookie.ts': 'sets the cookie of whoever has just signed in, the one time',
  'packages/server/src/http/tokens.ts': 'answers with a new token, the one time',
  'packages/server/src/master-key.ts': 'reads the key ring from its file',
  'packages/server/src/operations.ts':
    'hands the key ring and the address of the database to the restore, which derives its own keys',
  'packages/server/src/private-file.ts': 'writes the master key and the bootstrap token into files of mode 0600',
  'packages/server/src/wire/cogniac/keys.ts': 'answers a client of Cogniac with a new token, the one time',
  'packages/server/src/wire/cogniac/bearers.ts': 'answers a client of Cogniac with a bearer that was traded for a key',
  'packages/server/src/single-sign-on.ts': 'proves to the provider of single sign-on who asks',
  'packages/server/src/wire/neuroio/token-json.ts': 'answers a client of NeuroIO with a new token, the one time',
  'packages/server/src/wire/cocalc-app.ts': 'sends a new key along with the browser of an application, the one time',
  'packages/server/src/wire/cogniac/cli-auth.ts': 'sends a new key to a program on the same computer, the one time',
  'packages/server/src/wire/cocalc.ts': 'answers a client of CoCalc with a new token, the one time',
  'packages/server/src/wire/sodar.ts': 'answers a client of SODAR with a new token, the one time',
  'packages/server/src/wire/coscine.ts': 'answers a client of Coscine with a new token, the one time',
  'packages/server/src/ready-lines.ts': 'shows the one-time set-up link to whoever started the server',
  'packages/storage/src/redis/connection.ts':
    'hands the address of Redis, with its password, to the client that connects',
}

/**
 * Where people read what is printed straight to the terminal, so that `console` serves; and where the element tells
 * whoever builds a page what is wrong with how it is used there.
 */
export const mayPrint: readonly string[] = ['tools/', 'bench/', 'packages/console/src/embed/']
