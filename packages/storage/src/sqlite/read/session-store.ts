import type { Account, EpochMs, Session, SessionStore } from '@chatelaine/core'
import { accountTable } from '../../sql/tables/account-table.ts'
import { columnsOf, widthOf } from '../../sql/tables/columns.ts'
import { sessionTable } from '../../sql/tables/session-table.ts'
import type { Writing } from '../../sql/write/writing.ts'
import { reading, type Records } from './reader.ts'

const findSql = `
  SELECT ${columnsOf(sessionTable)}, ${columnsOf(accountTable)}
  FROM sessions JOIN accounts ON accounts.id = sessions.account_id WHERE sessions.id = ?`

export class SqliteSessionStore implements SessionStore {
  readonly #records: Records
  readonly #queue: Writing

  constructor(records: Records, queue: Writing) {
    this.#records = records
    this.#queue = queue
  }

  find(sessionId: string): Promise<{ session: Session; account: Account } | undefined> {
    return reading(() => {
      const { connection, sealer } = this.#records
      const row = connection.getValues(findSql, sessionId)
      const session = row && sealer.open(sessionTable, row)
      const account = row && session && sealer.open(accountTable, row, widthOf(sessionTable))
      return session && account && { session, account }
    })
  }

  touch(sessionId: string, at: EpochMs): Promise<void> {
    return this.#queue.write({ do: 'touch-session', sessionId, at })
  }
}
