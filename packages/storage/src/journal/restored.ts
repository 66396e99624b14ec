import {
  actorOf,
  deployment,
  operatorCaller,
  type Change,
  type EpochMs,
  type JsonObject,
  type Position,
  type Token,
} from '@chatelaine/core'
import type { Sealer } from '../sql/seal.ts'
import { allValues, type Steps } from '../sql/steps.ts'
import { columnsOf } from '../sql/tables/columns.ts'
import { tokenTable } from '../sql/tables/token-table.ts'

/** Why an epoch begins that no restore began: a server goes on that may not have received all. */
export const tookOver = 'took-over'

/** What the log says first in an epoch that begins with an older copy of the database. */
export function restored({ epoch, seq }: Position, at: EpochMs, details: JsonObject = {}): Change {
  return {
    at,
    actor: actorOf(operatorCaller),
    action: 'deployment.restored',
    effect: 'takes',
    subject: deployment,
    details: { from_epoch: epoch, from_seq: seq, ...details },
    write: { put: 'nothing' },
    guards: [],
  }
}

const countedSql = `
  SELECT ${columnsOf(tokenTable)} FROM tokens
  WHERE uses_granted IS NOT NULL AND is_active = 1 AND revoked_at IS NULL ORDER BY serial`

/** Tokens with a use count: nobody knows what was used of them since the copy was made. */
export function* findCounted(sealer: Sealer): Steps<Token[]> {
  const rows = yield* allValues(countedSql)
  return rows.map((row) => sealer.open(tokenTable, row)).filter((token) => token !== undefined)
}

export function suspendCounted(token: Token, at: EpochMs): Change {
  return {
    at,
    actor: actorOf(operatorCaller),
    action: 'token.suspended',
    effect: 'takes',
    subject: { type: 'token', id: token.id },
    details: { because: 'restore', uses: 'unknown since the backup' },
    write: { put: 'token', token: { ...token, isActive: false } },
    guards: [],
  }
}
