import { once } from 'node:events'
import { createWriteStream, writeFileSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import type { AccountId, Change, ChangeLog } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { openFilled } from './open-filled.ts'
import {
  accountChange,
  copyAccount,
  copyToken,
  makePatterns,
  readPatterns,
  tokenChange,
  type Patterns,
} from './patterns.ts'

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
const kept = { mode: 0o600 }

/** Makes a deployment with so many tokens, each change through the log as in life. What was made is listed beside it. */
export async function fill(directory: string, tokenCount: number): Promise<void> {
  const data = join(directory, filledFiles.data)
  const ids = await makePatterns(data, join(directory, filledFiles.manager))
  const { storage, keys } = await openFilled(data)
  try {
    const patterns = await readPatterns(storage, ids)
    const accountIds = await makeAccounts(storage.log, patterns, Math.ceil(tokenCount / tokensEachAccount))
    writeFileSync(join(directory, filledFiles.accounts), accountIds.join('\n'), kept)
    const list = createWriteStream(join(directory, filledFiles.tokens), kept)
    await makeTokens(storage.log, patterns, { keys, accountIds, tokenCount, list })
    list.end()
    await once(list, 'finish')
  } finally {
    await storage.close()
  }
}

async function makeAccounts(log: ChangeLog, patterns: Patterns, count: number): Promise<AccountId[]> {
  const accounts = Array.from({ length: Math.max(accountsMin, count) }, (_, at) => copyAccount(patterns, at + 1))
  for (let from = 0; from < accounts.length; from += changesEachCommit) {
    await commit(log, accounts.slice(from, from + changesEachCommit).map(accountChange))
  }
  return accounts.map(({ id }) => id)
}

interface Wanted {
  readonly keys: Keys
  readonly accountIds: readonly AccountId[]
  readonly tokenCount: number
  /** Where the tokens are written, one a line. */
  readonly list: WriteStream
}

async function makeTokens(log: ChangeLog, patterns: Patterns, wanted: Wanted): Promise<void> {
  const { keys, accountIds, tokenCount, list } = wanted
  // The next tokens are made while the last ones are written.
  let writing: Promise<void> = Promise.resolve()
  for (let made = 0; made < tokenCount;) {
    const count = Math.min(changesEachCommit, tokenCount - made)
    const tokens = Array.from({ length: count }, (_, offset) => {
      const at = made + offset
      return copyToken(patterns, { at, accountId: accountIds[at % accountIds.length]!, keys })
    })
    made += count
    list.write(`${tokens.map(({ secret }) => secret).join('\n')}${made < tokenCount ? '\n' : ''}`)
    await writing
    const changes = tokens.map(({ token }) => tokenChange(token))
    writing = commit(log, changes)
    if (made % tokensEachReport < count) console.error(`filling a database: ${made} of ${tokenCount} tokens`)
  }
  await writing
}

async function commit(log: ChangeLog, changes: readonly Change[]): Promise<void> {
  const { outcome } = await log.commit(changes)
  if (outcome !== 'committed') throw new Error(`filling the database met ${outcome}`)
}
