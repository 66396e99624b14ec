import { hash } from 'node:crypto'
import {
  entryHash,
  headText,
  nextChain,
  type AccountId,
  type LogEntry,
  type LoggedEvent,
  type ProjectId,
  type TakenState,
} from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { insertSql, valuesOf } from '../tables/columns.ts'
import { encodeEntry } from '../tables/log-table.ts'
import type { Transaction } from './transaction.ts'
import { runOne, type Steps } from '../steps.ts'

const columns = [
  'seq',
  'epoch_serial',
  'at',
  'actor_type',
  'actor_account_id',
  'actor_token_id',
  'actor_ip',
  'actor_client',
  'action',
  'effect',
  'subject_type',
  'subject_id',
  'details',
  'chain',
  'owner_id',
] as const

const insertChange = insertSql('changes', columns)

/**
 * Adds the next row of the log.
 * @param ownerId whose the subject is: an account's or a project's
 * @param state what is left of the subject, if something was taken away that a restore must not bring back
 */
export function* append(
  { draft }: Transaction,
  { at, actor, action, effect, subject, details }: LoggedEvent,
  ownerId: AccountId | ProjectId | null,
  state: TakenState | undefined,
): Steps<void> {
  const { epoch } = draft
  const seq = draft.seq + 1
  const entry: LogEntry = { epoch, seq, at, actor, action, effect, subject, details }
  const chain = nextChain(draft.chain, entryHash(entry, sha256), sha256)
  const row = {
    ...encodeEntry(entry),
    epoch_serial: draft.epochSerial,
    chain,
    owner_id: ownerId,
  }
  yield* runOne(insertChange, ...valuesOf(row, columns))
  draft.seq = seq
  draft.chain = chain
  draft.entries.push(entry)
  if (state !== undefined) draft.takings.push({ epoch, seq, at, subject, state })
}

/** Signs the chain as the transaction leaves it. Whoever cuts the log off behind a signed head must forge a signature. */
export function* appendHead({ draft }: Transaction, keys: Pick<Keys, 'sign'>): Steps<void> {
  const { keyId, signature } = keys.sign(Buffer.from(headText(draft)))
  yield* runOne(
    'INSERT INTO heads (seq, epoch_serial, chain, key_id, signature) VALUES (?, ?, ?, ?, ?)',
    draft.seq,
    draft.epochSerial,
    draft.chain,
    keyId,
    signature,
  )
}

function sha256(text: string): string {
  return hash('sha256', text)
}
