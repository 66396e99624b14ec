import type { Account, EpochMs, Session, SessionStore } from '@chatelaine/core'
import { accountTable } from '../tables/account-table.ts'
import { columnsOf, widthOf } from '../tables/columns.ts'
import { sessionTable } from '../tables/session-table.ts'
import type { Sealer } from '../seal.ts'
import { getValues, type Steps } from '../steps.ts'
import type { Writing } from '../write/writing.ts'
import type { Records } from './reads.ts'

const findSql = `
  SELECT ${columnsOf(sessionTable)}, ${columnsOf(accountTable)}
  FROM sessions JOIN accounts ON accounts.id = sessions.account_id WHERE sessions.id = ?`

export class SqlSessionStore implements SessionStore {
  readonly #records: Records
  readonly #queue: Writing

  constructor(records: Records, queue: Writing) {
    this.#records = records
    this.#queue = queue
  }

  find(sessionId: string): Promise<{ session: Session; account: Account } | undefined> {
    return this.#records.reads.read(findWithAccount(this.#records.sealer, sessionId))
  }

  touch(sessionId: string, at: EpochMs): Promise<void> {
    return this.#queue.write({ do: 'touch-session', sessionId, at })
  }
}

function* findWithAccount(
  sealer: Sealer,
  sessionId: string,
): Steps<{ session: Session; account: Account } | undefined> {
  const row = yield* getValues(findSql, sessionId)
  const session = row && sealer.open(sessionTable, row)
  const account = row && session && sealer.open(accountTable, row, widthOf(sessionTable))
  return session && account && { session, account }
}
