import assert from 'node:assert/strict'
import { Failure, type FailureKey } from '@chatelaine/core'

/** That a refusal has this key, and a message for whoever gets it. */
export async function refuses(key: FailureKey, run: () => unknown, message?: RegExp): Promise<Failure> {
  let failure: unknown
  await assert.rejects(async () => {
    try {
      await run()
    } catch (error) {
      failure = error
      throw error
    }
  }, `expected ${key}`)
  assert.ok(failure instanceof Failure, String(failure))
  assert.equal(failure.key, key, failure.message)
  assert.match(failure.message, message ?? /\w/)
  return failure
}
