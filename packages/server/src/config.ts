import { resolve } from 'node:path'
import { read, schemas, usernameLengthMax } from '@chatelaine/api'
import { parseBlock, wireNames, type Block } from '@chatelaine/core'
import { isTokenPrefix } from '@chatelaine/token'
import {
  isPrintable,
  parseBoolean,
  parseCount,
  parseDatabaseUrl,
  parseIssuer,
  parseList,
  parseListen,
  parseOrigin,
  parsePath,
  parseRedisUrl,
  type Listen,
} from './setting-values.ts'

/** What the server is told by its environment: one value for each row of `settingsTable`. */
export type Settings = {
  readonly [Name in keyof typeof settingsTable]: ReturnType<(typeof settingsTable)[Name]['read']>
}

/** What the log holds, from everything to nothing. */
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** One of them; those that follow it are in the log too. */
export type LogLevel = (typeof logLevels)[number]

const metricsReaders = ['loopback', 'token', 'off'] as const

const platformNameLengthMax = 64
const clientIdLengthMax = 256
const usageDaysMax = 2_000
const processesMax = 64

/** Every setting of the server, in the order in which the reference lists them. */
export const settingsTable = {
  listen: setting({
    variable: 'CHATELAINE_LISTEN',
    default: '127.0.0.1:8470',
    meaning: 'The address and port to listen on. Port 0 picks a free one; the ready line names it.',
    expected: 'an address and a port, such as 127.0.0.1:8470, [::1]:8470 or 0.0.0.0:0',
    parse: parseListen,
  }),
  publicUrl: optional({
    variable: 'CHATELAINE_PUBLIC_URL',
    unset: 'from listen',
    meaning: "What people's browsers see in front of the server. With https, cookies are Secure.",
    expected: 'an http or https address without a path, such as https://tokens.example.com',
    parse: parseOrigin,
  }),
  dataDirectory: setting({
    variable: 'CHATELAINE_DATA',
    default: './data',
    meaning: 'The directory of the database. Made with mode 0700.',
    expected: 'the path of a directory',
    parse: parsePath,
  }),
  journalDirectory: setting({
    variable: 'CHATELAINE_JOURNAL',
    default: '<data>/journal',
    meaning: 'The directory of the journal of everything taken away. Best on another volume than the data.',
    expected: 'the path of a directory',
    parse: parsePath,
  }),
  databaseUrl: optional({
    variable: 'CHATELAINE_DATABASE_URL',
    unset: 'unset',
    meaning:
      'The PostgreSQL 15 (or newer) that several instances share, in place of SQLite in the data directory. Each has a data directory, and in it a journal, of its own; all have the same master key file, which is not made for them.',
    expected: 'the address of one database, such as postgres://name:password@db.example.com:5432/chatelaine',
    parse: parseDatabaseUrl,
  }),
  redisUrl: optional({
    variable: 'CHATELAINE_REDIS_URL',
    unset: 'unset',
    meaning:
      'The Redis 6.2 (or newer) or Valkey that counts rates for several instances together. While it is out of reach each of them enforces its share of every limit.',
    expected: 'the address of one server, such as redis://127.0.0.1:6379 or rediss://name:password@redis.example.com/0',
    parse: parseRedisUrl,
  }),
  processes: setting({
    variable: 'CHATELAINE_PROCESSES',
    default: '1',
    meaning:
      'How many processes of this machine answer requests, all on the same port. With more than one, another process writes for them.',
    expected: `a whole number from 1 to ${processesMax}`,
    parse: (text) => parseCount(text, processesMax),
  }),
  masterKeyFile: setting({
    variable: 'CHATELAINE_MASTER_KEY_FILE',
    default: '<data>/master.key',
    meaning:
      'The key ring: `<key id> <base64 of 32 bytes>` a line, the first is current; or one bare base64 of 32 bytes. Made on the first start, with mode 0600.',
    expected: 'the path of a file',
    parse: parsePath,
  }),
  tokenPrefix: setting({
    variable: 'CHATELAINE_TOKEN_PREFIX',
    default: 'chl',
    meaning: 'What new tokens begin with. Tokens with an older prefix stay good.',
    expected: '2 to 16 lower-case letters and digits, a letter first',
    parse: (text) => (isTokenPrefix(text) ? text : undefined),
  }),
  platformName: setting({
    variable: 'CHATELAINE_PLATFORM_NAME',
    default: 'Chatelaine',
    meaning: 'The name of the platform, as people see it.',
    expected: `1 to ${platformNameLengthMax} characters, none of them a control character`,
    parse: (text) => (isPrintable(text, platformNameLengthMax) ? text : undefined),
  }),
  wires: setting({
    variable: 'CHATELAINE_WIRES',
    default: wireNames.join(','),
    meaning:
      'The systems whose clients are answered in their own words. A path of any other answers as if it did not exist.',
    expected: `none, or names separated by commas of ${wireNames.join(', ')}`,
    parse: (text) => parseList(text, (name) => wireNames.find((known) => known === name)),
  }),
  corsOrigins: setting({
    variable: 'CHATELAINE_CORS_ORIGINS',
    default: 'none',
    meaning: 'The origins whose browser scripts may call the API.',
    expected: 'none, or origins separated by commas, such as https://app.example.com,https://example.org',
    parse: (text) => parseList(text, parseOrigin),
  }),
  adminUsername: optional({
    variable: 'CHATELAINE_ADMIN_USERNAME',
    unset: 'unset',
    meaning: 'The user name of the first administrator, made when there is none. Needs the password file too.',
    expected: `1 to ${usernameLengthMax} characters, with a space at neither end`,
    parse: (text) => (read(schemas.AccountUpdate, { username: text }).ok ? text : undefined),
  }),
  adminPasswordFile: optional({
    variable: 'CHATELAINE_ADMIN_PASSWORD_FILE',
    unset: 'unset',
    meaning: 'The file with the password of the first administrator. Without it a one-time set-up link is printed.',
    expected: 'the path of a file',
    parse: parsePath,
  }),
  bootstrapTokenFile: optional({
    variable: 'CHATELAINE_BOOTSTRAP_TOKEN_FILE',
    unset: 'unset',
    meaning:
      'Where to write a permanent manager token with all management scopes, mode 0600, while the database is empty.',
    expected: 'the path of a file',
    parse: parsePath,
  }),
  oidcIssuer: optional({
    variable: 'CHATELAINE_OIDC_ISSUER',
    unset: 'unset',
    meaning:
      'The provider of single sign-on (OpenID Connect), by the address under which it publishes its configuration. Register `/auth/oidc/callback` below the public URL with it.',
    expected: 'an https address, such as https://login.example.com/realms/staff; http only on this machine',
    parse: parseIssuer,
  }),
  oidcClientId: optional({
    variable: 'CHATELAINE_OIDC_CLIENT_ID',
    unset: 'unset',
    meaning: 'How the provider calls this server. Needs the issuer too.',
    expected: `1 to ${clientIdLengthMax} characters, none of them a control character`,
    parse: (text) => (isPrintable(text, clientIdLengthMax) ? text : undefined),
  }),
  oidcClientSecretFile: optional({
    variable: 'CHATELAINE_OIDC_CLIENT_SECRET_FILE',
    unset: 'unset',
    meaning: 'The file with the secret that the provider gave for this server, mode 0600. Without it there is none.',
    expected: 'the path of a file',
    parse: parsePath,
  }),
  oidcCreateAccounts: setting({
    variable: 'CHATELAINE_OIDC_CREATE_ACCOUNTS',
    default: 'false',
    meaning:
      'Whether people whom the provider vouches for are given an account when they first come. Without it only those can sign in whose `identity` an administrator has set.',
    expected: 'true or false',
    parse: parseBoolean,
  }),
  trustedProxies: setting({
    variable: 'CHATELAINE_TRUSTED_PROXIES',
    default: 'none',
    meaning: 'The proxies whose `X-Forwarded-For` is believed, read from the right.',
    expected: 'none, or addresses and CIDR blocks separated by commas, such as 10.0.0.0/8,::1',
    parse: (text): readonly Block[] | undefined => parseList(text, parseBlock),
  }),
  usageDays: setting({
    variable: 'CHATELAINE_USAGE_DAYS',
    default: '90',
    meaning:
      'How many days the counts of verifications are kept; those by address, which tell of people, never more than 7.',
    expected: `a whole number from 1 to ${usageDaysMax}`,
    parse: (text) => parseCount(text, usageDaysMax),
  }),
  metrics: setting({
    variable: 'CHATELAINE_METRICS',
    default: 'loopback',
    meaning:
      'Who may read `/metrics`: requests that come straight from this machine, a token with `chatelaine.audit:read` over the whole deployment, or nobody.',
    expected: `one of ${metricsReaders.join(', ')}`,
    parse: (text) => metricsReaders.find((reader) => reader === text),
  }),
  logLevel: setting({
    variable: 'CHATELAINE_LOG',
    default: 'info',
    meaning: 'How much is logged: JSON lines on standard output, readable lines on a terminal.',
    expected: `one of ${logLevels.join(', ')}`,
    parse: (text) => logLevels.find((level) => level === text),
  }),
} as const satisfies Record<string, Row<unknown>>

/** Variables that our clients read. The server lets them stand, since both often run in one environment. */
export const clientVariables: Readonly<Record<string, string>> = {
  CHATELAINE_TOKEN: 'The token that a client sends.',
  CHATELAINE_URL: 'The server that a client talks to.',
}

/** One row of the table: a variable of the environment and everything that is said about it. */
export interface Row<T> {
  readonly variable: `CHATELAINE_${string}`
  /** As somebody would write it; `<data>` stands for the data directory. In words where nothing is the default. */
  readonly defaultText: string
  readonly meaning: string
  /** What a good value is, to end a sentence with. */
  readonly expected: string
  /** Calls `refuse` for a bad value, and never returns from it. */
  read(text: string | undefined, dataDirectory: string, refuse: () => never): T
}

/** The environment cannot be acted on. Each fault is a whole sentence that names the variable and what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/**
 * Reads the settings, and takes no other variable that begins with `CHATELAINE_`: a misspelt one would silently do
 * nothing. Values are not repeated in what is said, since a secret may stand in the wrong variable.
 * @throws SettingsError with every fault at once.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const faults = unknownVariables(environment).map(
    (variable) => `${variable} is no setting: expected one of ${variables().join(', ')}.`,
  )
  const dataDirectory = resolve(
    environment[settingsTable.dataDirectory.variable] ?? settingsTable.dataDirectory.defaultText,
  )
  const entries = Object.entries<Row<unknown>>(settingsTable).flatMap(([name, row]) => {
    try {
      return [[name, row.read(environment[row.variable], dataDirectory, () => throwBadValue(row))]]
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      faults.push(error.message)
      return []
    }
  })
  const settings = Object.fromEntries(entries) as Settings
  if (faults.length === 0) faults.push(...faultsBetween(settings))
  if (faults.length > 0) throw new SettingsError(faults)
  return settings
}

/** The address of a server that listens here. One that listens everywhere is reached, from here, at the loopback address. */
export function originOf({ host, port }: Listen): string {
  const isEverywhere = host === '0.0.0.0' || host === '::'
  const reached = isEverywhere ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

class BadValue extends Error {}

function throwBadValue(row: Row<unknown>): never {
  throw new BadValue(`${row.variable} has a value that cannot be used: expected ${row.expected}.`)
}

function variables(): string[] {
  return Object.values(settingsTable).map(({ variable }) => variable)
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set<string>([...variables(), ...Object.keys(clientVariables)])
  return Object.keys(environment).filter((name) => name.startsWith('CHATELAINE_') && !known.has(name))
}

function faultsBetween(settings: Settings): string[] {
  return [...faultsOfFirstAdministrator(settings), ...faultsOfProcesses(settings), ...faultsOfSingleSignOn(settings)]
}

function faultsOfFirstAdministrator({ adminUsername, adminPasswordFile }: Settings): string[] {
  if ((adminUsername === undefined) === (adminPasswordFile === undefined)) return []
  const { adminUsername: name, adminPasswordFile: file } = settingsTable
  const [present, absent] = adminUsername === undefined ? [file, name] : [name, file]
  return [`${present.variable} is set without ${absent.variable}: expected both, or neither.`]
}

function faultsOfProcesses({ processes, databaseUrl }: Settings): string[] {
  if (processes === 1 || databaseUrl === undefined) return []
  const { processes: count, databaseUrl: url } = settingsTable
  return [
    `${count.variable} is set with ${url.variable}: expected one of them, since several processes share a SQLite. On PostgreSQL start as many servers instead, each with a data directory of its own.`,
  ]
}

function faultsOfSingleSignOn(settings: Settings): string[] {
  const { oidcIssuer: issuer, oidcClientId: id, oidcClientSecretFile: secret, oidcCreateAccounts } = settingsTable
  const without = (present: Named, absent: Named) =>
    `${present.variable} is set without ${absent.variable}: expected both, or neither.`
  if (settings.oidcIssuer !== undefined) return settings.oidcClientId === undefined ? [without(issuer, id)] : []
  if (settings.oidcClientId !== undefined) return [without(id, issuer)]
  if (settings.oidcClientSecretFile !== undefined) return [without(secret, issuer)]
  return settings.oidcCreateAccounts ? [without(oidcCreateAccounts, issuer)] : []
}

type Named = Pick<Row<unknown>, 'variable'>

interface Written<T> {
  readonly variable: `CHATELAINE_${string}`
  readonly meaning: string
  readonly expected: string
  /** `undefined` for a value that cannot be used. */
  readonly parse: (text: string) => T | undefined
}

function setting<T>(row: Written<T> & { readonly default: string }): Row<T> {
  return {
    ...row,
    defaultText: row.default,
    read: (text, dataDirectory, refuse) =>
      row.parse(text ?? row.default.replace('<data>', () => dataDirectory)) ?? refuse(),
  }
}

function optional<T>(row: Written<T> & { readonly unset: string }): Row<T | undefined> {
  return {
    ...row,
    defaultText: row.unset,
    read: (text, _dataDirectory, refuse) => (text === undefined ? undefined : (row.parse(text) ?? refuse())),
  }
}
