// An instance as far as it writes, without the thread and the queue that it has in a server.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Change, CommitOutcome } from '@chatelaine/core'
import { journalFile } from '../../packages/storage/src/journal/journal.ts'
import { Connection } from '../../packages/storage/src/postgres/connection.ts'
import {
  PostgresCommitter,
  type PostgresCommitterOptions,
} from '../../packages/storage/src/postgres/write/committer.ts'
import { all, type Row } from '../../packages/storage/src/sql/steps.ts'
import type { WriteAnswer, WriteRequest } from '../../packages/storage/src/sql/write/requests.ts'
import { ring } from '../contract/suite.ts'
import type { PostgresServer } from '../services/postgres.ts'

export const ringText = ring.toText().reveal()

export async function open(
  context: TestContext,
  url: string,
  options: Partial<Pick<PostgresCommitterOptions, 'journalDirectory' | 'ringText' | 'onDamaged'>> = {},
): Promise<PostgresCommitter> {
  const committer = await PostgresCommitter.open({
    url,
    ringText,
    journalDirectory: directory(context),
    random: (count) => randomBytes(count),
    onDamaged: ({ table, id }) => assert.fail(`the row ${id} of ${table} is damaged`),
    onFault: () => undefined,
    ...options,
  })
  context.after(() => committer.close())
  return committer
}

export function directory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'chatelaine-committer-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

export async function answersTo(
  committer: PostgresCommitter,
  requests: readonly WriteRequest[],
): Promise<WriteAnswer[]> {
  return [...(await committer.commit(requests)).answers]
}

export async function commit(committer: PostgresCommitter, changes: readonly Change[]): Promise<CommitOutcome> {
  const [answer] = await answersTo(committer, [{ do: 'commit', changes, once: undefined }])
  return resultOf(answer) as CommitOutcome
}

const lines = new WeakMap<PostgresCommitter, Promise<unknown>>()

/** A committer is given one batch at a time. */
export function enqueue(committer: PostgresCommitter, changes: readonly Change[]): Promise<CommitOutcome> {
  const answer = (lines.get(committer) ?? Promise.resolve()).then(() => commit(committer, changes))
  lines.set(committer, answer)
  return answer
}

export function resultOf(answer: WriteAnswer | undefined): unknown {
  if (answer?.is !== 'done') assert.fail(JSON.stringify(answer))
  return answer.result
}

export function committed(outcome: CommitOutcome): Extract<CommitOutcome, { outcome: 'committed' }> {
  if (outcome.outcome !== 'committed') assert.fail(outcome.outcome)
  return outcome
}

export async function query(url: string, sql: string): Promise<readonly Row[]> {
  const connection = await Connection.open(url)
  try {
    return await connection.perform(all(sql))
  } finally {
    await connection.close()
  }
}

/** Which entries of the log the journal has lines for. */
export function takenSeqs(journalDirectory: string): number[] {
  const text = readFileSync(journalFile(journalDirectory), 'utf8').trimEnd()
  return text
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number; state?: unknown })
    .filter(({ state }) => state !== undefined)
    .map(({ seq }) => seq)
}

/** A copy of a database, as a backup would hold it; whoever uses the database is thrown out. */
export async function copyOf(server: Pick<PostgresServer, 'url'>, url: string, number = 1): Promise<string> {
  const name = new URL(url).pathname.slice(1)
  await query(server.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`)
  await query(server.url, `CREATE DATABASE ${name}_copy${number} TEMPLATE ${name}`)
  return `${url}_copy${number}`
}
