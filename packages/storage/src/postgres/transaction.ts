import { all, run, type Steps } from '../sql/steps.ts'

/** "Chtl": the advisory lock of whoever prepares a database. Programs that share a database share these locks too. */
const preparingLock = 0x4368746c

/** How long an instance waits for another one that prepares the same database. */
const othersPrepareMs = 30_000

export function* inTransaction<T>(steps: Steps<T>): Steps<T> {
  yield* run('BEGIN')
  let result: T
  try {
    result = yield* steps
  } catch (error) {
    yield* rollBack()
    throw error
  }
  yield* run('COMMIT')
  return result
}

/** Takes back a transaction, if there still is a connection that it could be under way on. */
export function* rollBack(): Steps<void> {
  try {
    yield* run('ROLLBACK')
  } catch {
    // With its connection the server takes it back by itself.
  }
}

/** Until the transaction ends, no other instance prepares the same database. */
export function* keepOthersOut(): Steps<void> {
  yield* run(`SET LOCAL lock_timeout = ${othersPrepareMs}`)
  yield* all('SELECT pg_advisory_xact_lock(?)', preparingLock)
}
