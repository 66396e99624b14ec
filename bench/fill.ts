import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, writeFileSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import {
  actorOf,
  newAccountId,
  newUuid,
  operatorCaller,
  unused,
  type Account,
  type AccountId,
  type Change,
  type ChangeLog,
  type Token,
  type TokenId,
} from '@chatelaine/core'
import { generateToken } from '@chatelaine/token'
import type { Keys } from '@chatelaine/token/keys'
import { startChatelaine } from './chatelaine.ts'
import { openFilled } from './open-filled.ts'

/** What stands in a filled directory: the data directory of a server, and beside it what was put into it. */
export const filledFiles = {
  data: 'data',
  manager: 'manager.token',
  accounts: 'accounts.txt',
  tokens: 'tokens.txt',
} as const

const tokensEachAccount = 100
/** So many that creating for one after the other meets no limit of an account during a run. */
const accountsMin = 1_000
const changesEachCommit = 2_000
const tokensEachReport = 100_000
/** Much longer than a filled directory is kept. */
const lifetimeMs = 10 * 365 * 24 * 3_600_000
const kept = { mode: 0o600 }

/** Makes a deployment with so many tokens, each change through the log as in life. What was made is listed beside it. */
export async function fill(directory: string, tokenCount: number): Promise<void> {
  const data = join(directory, filledFiles.data)
  await startFirst(data, join(directory, filledFiles.manager))
  const { storage, keys } = await openFilled(data)
  try {
    const accountCount = Math.max(accountsMin, Math.ceil(tokenCount / tokensEachAccount))
    const accounts = Array.from({ length: accountCount }, (_, at) => composeAccount(at + 1))
    for (let from = 0; from < accountCount; from += changesEachCommit) {
      await commit(storage.log, accounts.slice(from, from + changesEachCommit).map(accountChange))
    }
    const accountIds = accounts.map(({ id }) => id)
    writeFileSync(join(directory, filledFiles.accounts), accountIds.join('\n'), kept)
    const list = createWriteStream(join(directory, filledFiles.tokens), kept)
    await makeTokens(storage.log, keys, { accountIds, tokenCount, list })
  } finally {
    await storage.close()
  }
}

/** The first start makes the keys and the manager's token. */
async function startFirst(data: string, bootstrapTokenFile: string): Promise<void> {
  const server = await startChatelaine(data, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: bootstrapTokenFile })
  await server.stop()
}

interface Wanted {
  readonly accountIds: readonly AccountId[]
  readonly tokenCount: number
  /** Where the tokens are written, one a line. */
  readonly list: WriteStream
}

async function makeTokens(log: ChangeLog, keys: Keys, { accountIds, tokenCount, list }: Wanted): Promise<void> {
  // The next tokens are made while the last ones are written.
  let writing: Promise<void> = Promise.resolve()
  for (let made = 0; made < tokenCount;) {
    const count = Math.min(changesEachCommit, tokenCount - made)
    const tokens = Array.from({ length: count }, (_, at) => composeToken(made + at, accountIds, keys))
    made += count
    list.write(`${tokens.map(({ secret }) => secret).join('\n')}${made < tokenCount ? '\n' : ''}`)
    await writing
    writing = commit(
      log,
      tokens.map(({ token }) => tokenChange(token)),
    )
    if (made % tokensEachReport < changesEachCommit)
      console.error(`filling a database: ${made} of ${tokenCount} tokens`)
  }
  await writing
  list.end()
  await once(list, 'finish')
}

async function commit(log: ChangeLog, changes: readonly Change[]): Promise<void> {
  const { outcome } = await log.commit(changes)
  if (outcome !== 'committed') throw new Error(`filling the database met ${outcome}`)
}

function composeAccount(serial: number): Account {
  return {
    id: newAccountId(randomBytes),
    serial: 0,
    uuid: newUuid(randomBytes),
    username: `user${serial}`,
    email: `user${serial}@example.com`,
    name: `User ${serial}`,
    role: 'member',
    status: 'active',
    externalId: `external-${serial}`,
    passwordHash: null,
    createdAt: Date.now(),
    changedSeq: 0,
    lastSignInAt: null,
  }
}

function composeToken(at: number, accountIds: readonly AccountId[], keys: Keys): { token: Token; secret: string } {
  const { id, start, token } = generateToken({ prefix: 'chl', kind: 'account' }, randomBytes)
  const secret = token.reveal()
  const accountId = accountIds[at % accountIds.length]!
  const createdAt = Date.now()
  return {
    secret,
    token: {
      id: id as TokenId,
      serial: 0,
      uuid: newUuid(randomBytes),
      kind: 'account',
      accountId,
      projectId: null,
      label: `service ${at}`,
      start,
      isActive: true,
      scopes: ['data:read', 'data:write'],
      allowedIps: [],
      metadata: {},
      createdAt,
      createdBy: accountId,
      parentTokenId: null,
      origin: 'api',
      notBefore: null,
      expiresAt: createdAt + lifetimeMs,
      revokedAt: null,
      revokedReason: null,
      digest: keys.digest(secret),
      rateLimit: null,
      usesGranted: null,
      renewableUntil: null,
      firstLifetimeMs: null,
      rotation: null,
      changedSeq: 0,
      use: unused,
    },
  }
}

const given = { actor: actorOf(operatorCaller), effect: 'gives', guards: [] } as const

function accountChange(account: Account): Change {
  return {
    ...given,
    at: account.createdAt,
    action: 'account.created',
    subject: { type: 'account', id: account.id },
    details: { username: account.username },
    write: { put: 'account', account },
  }
}

function tokenChange(token: Token): Change {
  return {
    ...given,
    at: token.createdAt,
    action: 'token.created',
    subject: { type: 'token', id: token.id },
    details: { label: token.label, kind: token.kind, account_id: token.accountId, scopes: [...token.scopes] },
    write: { put: 'token', token },
  }
}
