import {
  actorOf,
  deployment,
  operatorCaller,
  type Action,
  type Change,
  type EpochMs,
  type JsonObject,
  type Position,
  type Token,
} from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import type { Sealer } from '../sql/seal.ts'
import { allValues, type Steps } from '../sql/steps.ts'
import { columnsOf } from '../sql/tables/columns.ts'
import { tokenTable } from '../sql/tables/token-table.ts'
import { StorageError } from '../storage-error.ts'
import { summarizeJournal } from './replay.ts'

/** What a restore did. */
export interface RestoreReport {
  /** Where the log of the backup ended. */
  readonly restoredFrom: Position
  /** Where the log ends now, in a new epoch. */
  readonly position: Position
  readonly sessionsEnded: number
  /** What the journal knew to have been taken away since the backup, by what was done about it. */
  readonly replayed: Readonly<Partial<Record<Action, number>>>
  /** Tokens with a use count that were suspended, since nobody knows what was used of them since the backup. */
  readonly countedSuspended: number
}

/** Why an epoch begins that no restore began: a server goes on that may not have received all. */
export const tookOver = 'took-over'

/** The same, where an instance that runs finds that the database was put back to an earlier state. */
export const putBack = 'put-back'

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

/** Without its journal a restore would let live again, and say nothing, whatever was revoked since the backup. */
export function requireJournal(directory: string, keys: Keys, backup: Position): void {
  const journal = summarizeJournal(directory, keys, backup)
  if (journal?.isOfCopy) return
  const found =
    journal === undefined ? `There is no journal in ${directory}` : `${journal.file} does not know of this backup`
  throw new StorageError(
    'journal-missing',
    `${found}, so tokens that were revoked since would live again. Set CHATELAINE_JOURNAL as the server has it, or restore with --without-journal if the journal is lost.`,
  )
}
