import {
  revoked,
  tokenStateOf,
  type AccountId,
  type Change,
  type JsonObject,
  type Project,
  type Token,
} from '@chatelaine/core'
import { columnsOf } from '../tables/columns.ts'
import { tokenTable, withDescendants } from '../tables/token-table.ts'
import { append } from './append.ts'
import { writeToken } from './token-row.ts'
import type { Transaction } from './transaction.ts'
import { allValues, type Steps, type Values } from '../steps.ts'

const descendantsSql = `
  ${withDescendants}
  SELECT ${columnsOf(tokenTable)} FROM descendants JOIN tokens ON tokens.id = descendants.id
  WHERE tokens.revoked_at IS NULL ORDER BY tokens.serial`

const ofProjectSql = `
  SELECT ${columnsOf(tokenTable)} FROM tokens
  WHERE project_id = ? AND revoked_at IS NULL AND created_by IS NOT DISTINCT FROM coalesce(?, created_by) ORDER BY serial`

const madeForProjectsSql = `
  SELECT ${columnsOf(tokenTable)} FROM tokens
  WHERE created_by = ? AND project_id IS NOT NULL AND revoked_at IS NULL ORDER BY serial`

const ofAccountSql = `
  WITH RECURSIVE ending (id) AS (
    SELECT id FROM tokens WHERE account_id = ?
    UNION
    SELECT tokens.id FROM tokens JOIN ending ON tokens.parent_token_id = ending.id
  )
  SELECT ${columnsOf(tokenTable)} FROM ending JOIN tokens ON tokens.id = ending.id
  WHERE tokens.revoked_at IS NULL AND tokens.expires_sorted > ? ORDER BY tokens.serial`

/** Ends everything that a token made, and what that made, each with a row of its own in the log. */
export function* revokeDescendants(transaction: Transaction, change: Change, parent: Token): Steps<void> {
  const rows = yield* allValues(descendantsSql, parent.id)
  const reason = parent.revokedReason ?? 'revoked'
  yield* revokeRows(transaction, change, rows, reason, { because: 'parent', parent_token_id: parent.id }, parent.id)
}

/** Ends the tokens of a project: all, or those that one account made. */
export function* revokeTokensOfProject(
  transaction: Transaction,
  change: Change,
  { id }: Project,
  createdBy: AccountId | undefined,
): Steps<void> {
  const rows = yield* allValues(ofProjectSql, id, createdBy ?? null)
  const because = createdBy === undefined ? 'project-archived' : 'member-left'
  yield* revokeRows(transaction, change, rows, because, { because, project_id: id })
}

/** Ends the tokens that an account made for projects, when it is disabled. */
export function* revokeProjectTokensMadeBy(
  transaction: Transaction,
  change: Change,
  accountId: AccountId,
): Steps<void> {
  const rows = yield* allValues(madeForProjectsSql, accountId)
  yield* revokeRows(transaction, change, rows, 'member-left', { because: 'account-disabled', account_id: accountId })
}

/** Ends the live tokens of an account and what they made, with its password. */
export function* revokeTokensOf(transaction: Transaction, change: Change, accountId: AccountId): Steps<void> {
  const rows = yield* allValues(ofAccountSql, accountId, change.at)
  yield* revokeRows(transaction, change, rows, 'password changed', {
    because: 'password-changed',
    account_id: accountId,
  })
}

function* revokeRows(
  transaction: Transaction,
  change: Change,
  rows: readonly Values[],
  reason: string,
  details: JsonObject,
  exceptId?: string,
): Steps<void> {
  const { sealer, draft } = transaction
  for (const row of rows) {
    const token = sealer.open(tokenTable, row)
    // A damaged row is denied already, and was reported.
    if (token === undefined || token.id === exceptId) continue
    const ended: Token = { ...revoked(token, change.at, reason), changedSeq: draft.seq + 1 }
    yield* writeToken(transaction, ended, null, token.changedSeq)
    yield* append(
      transaction,
      {
        at: change.at,
        actor: change.actor,
        action: 'token.revoked',
        effect: 'takes',
        subject: { type: 'token', id: token.id },
        details: { reason, ...details },
      },
      token.accountId ?? token.projectId,
      tokenStateOf(ended),
    )
  }
}
