import { revoked, tokenStateOf, type Change, type Token } from '@chatelaine/core'
import { columnsOf } from '../tables/columns.ts'
import { tokenTable, withDescendants } from '../tables/token-table.ts'
import { append } from './append.ts'
import { writeToken } from './token-row.ts'
import type { Transaction } from './transaction.ts'

const descendantsSql = `
  ${withDescendants}
  SELECT ${columnsOf(tokenTable)} FROM descendants JOIN tokens ON tokens.id = descendants.id
  WHERE tokens.revoked_at IS NULL ORDER BY tokens.serial`

/** Ends everything that a token made, and what that made, each with a row of its own in the log. */
export function revokeDescendants(transaction: Transaction, change: Change, parent: Token): void {
  const { connection, sealer, draft } = transaction
  const reason = parent.revokedReason ?? 'revoked'
  for (const row of connection.allValues(descendantsSql, parent.id)) {
    const token = sealer.open(tokenTable, row)
    // A damaged row is denied already, and was reported.
    if (token === undefined || token.id === parent.id) continue
    const ended: Token = { ...revoked(token, change.at, reason), changedSeq: draft.seq + 1 }
    writeToken(transaction, ended, null, token.changedSeq)
    append(
      transaction,
      {
        at: change.at,
        actor: change.actor,
        action: 'token.revoked',
        effect: 'takes',
        subject: { type: 'token', id: token.id },
        details: { reason, because: 'parent', parent_token_id: parent.id },
      },
      token.accountId,
      tokenStateOf(ended),
    )
  }
}
