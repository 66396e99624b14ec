// One account and one token as the server itself makes them: what a filled database holds are copies of these, so that
// nothing here has to know what a record consists of.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  actorOf,
  newAccountId,
  newUuid,
  operatorCaller,
  type Account,
  type AccountId,
  type Change,
  type Token,
  type TokenId,
} from '@chatelaine/core'
import type { SqliteStorage } from '@chatelaine/storage/sqlite'
import { generateToken } from '@chatelaine/token'
import type { Keys } from '@chatelaine/token/keys'
import { startChatelaine } from './chatelaine.ts'
import { createOver } from './create-over.ts'

/** Much longer than a filled directory is kept. */
const lifetimeSeconds = 10 * 365 * 24 * 3_600

/** What every token of a filled database may do. */
export const patternScopes = ['data:read', 'data:write'] as const

export interface Patterns {
  readonly account: Account
  readonly token: Token
}

interface PatternIds {
  readonly accountId: AccountId
  readonly tokenId: TokenId
}

/** Starts a server on a new data directory, which makes its keys and a manager's token, and has it make the patterns. */
export async function makePatterns(data: string, managerTokenFile: string): Promise<PatternIds> {
  const server = await startChatelaine(data, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: managerTokenFile })
  try {
    const manager = { server, managerToken: readFileSync(managerTokenFile, 'utf8').trim() }
    const account = await createOver(manager, '/accounts', { username: 'pattern', name: 'Pattern' })
    const token = await createOver(manager, '/tokens', {
      label: 'pattern',
      account_id: account.id,
      scopes: patternScopes,
      lifetime_seconds: lifetimeSeconds,
    })
    return { accountId: account.id as AccountId, tokenId: token.id as TokenId }
  } finally {
    await server.stop()
  }
}

export async function readPatterns({ accounts, tokens }: SqliteStorage, ids: PatternIds): Promise<Patterns> {
  const account = await accounts.find(ids.accountId)
  const token = await tokens.find(ids.tokenId)
  if (account === undefined || token === undefined) throw new Error('the patterns are not in the database')
  return { account, token }
}

export function copyAccount({ account }: Patterns, at: number): Account {
  return {
    ...account,
    id: newAccountId(randomBytes),
    serial: 0,
    uuid: newUuid(randomBytes),
    username: `user${at}`,
    externalId: `external-${at}`,
    changedSeq: 0,
  }
}

/** A token and its secret. */
export function copyToken(
  { token }: Patterns,
  { at, accountId, keys }: { at: number; accountId: AccountId; keys: Keys },
): { token: Token; secret: string } {
  const made = generateToken({ prefix: 'chl', kind: 'account' }, randomBytes)
  const secret = made.token.reveal()
  const digest = keys.digest(secret)
  const own = { id: made.id as TokenId, uuid: newUuid(randomBytes), start: made.start, digest }
  return { secret, token: { ...token, ...own, serial: 0, accountId, label: `service ${at}`, changedSeq: 0 } }
}

const given = { actor: actorOf(operatorCaller), effect: 'gives', guards: [] } as const

export function accountChange(account: Account): Change {
  return {
    ...given,
    at: account.createdAt,
    action: 'account.created',
    subject: { type: 'account', id: account.id },
    details: { username: account.username },
    write: { put: 'account', account },
  }
}

export function tokenChange(token: Token): Change {
  return {
    ...given,
    at: token.createdAt,
    action: 'token.created',
    subject: { type: 'token', id: token.id },
    details: { label: token.label, kind: token.kind, account_id: token.accountId, scopes: [...token.scopes] },
    write: { put: 'token', token },
  }
}
