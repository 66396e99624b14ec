import assert from 'node:assert/strict'
import { dayMs, sessionIdleMs, sessionLifetimeMs } from '@chatelaine/core'
import {
  change,
  noon,
  putToken,
  sampleAccount,
  sampleSession,
  sampleToken,
  storeAccount,
  storeToken,
} from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

/** The promises of `Housekeeping`. */
export function describeHousekeeping(open: OpenStorage, options: SuiteOptions): void {
  describePort('Housekeeping', open, options, (promise) => {
    promise('sessions that are over are removed, and no others', async ({ log, sessions, housekeeping, source }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const idle = sampleSession(account, { createdAt: noon - sessionIdleMs, lastSeenAt: noon - sessionIdleMs })
      const old = sampleSession(account, { createdAt: noon - sessionLifetimeMs })
      const live = sampleSession(account, {
        createdAt: noon - sessionLifetimeMs + 1,
        lastSeenAt: noon - sessionIdleMs + 1,
      })
      await log.commit([idle, old, live].map((session) => change({ put: 'session', session })))
      const { seq } = source.position()
      await housekeeping.removeOutdated(noon)
      assert.equal(await sessions.find(idle.id), undefined)
      assert.equal(await sessions.find(old.id), undefined)
      assert.notEqual(await sessions.find(live.id), undefined)
      assert.equal(source.position().seq, seq)
    })

    promise('idempotency keys older than 24 hours are removed, and no others', async ({ log, once, housekeeping }) => {
      const ask = { caller: 'acc_1', key: 'old', fingerprint: 'k0:f', at: noon - dayMs }
      await log.commit([putToken(sampleToken())], ask)
      await log.commit([putToken(sampleToken())], { ...ask, key: 'new', at: noon - dayMs + 1 })
      await housekeeping.removeOutdated(noon)
      assert.equal(await once.find('acc_1', 'old', noon - 1), undefined)
      assert.notEqual(await once.find('acc_1', 'new', noon), undefined)
    })

    promise('notes of hand-offs that have ended are removed, and no others', async ({ handoffs, housekeeping }) => {
      const room = { now: noon - 2, waitingMax: 10 }
      await handoffs.leave({ name: 'k0:over', text: '', endsAt: noon }, room)
      await handoffs.leave({ name: 'k0:live', text: '', endsAt: noon + 1 }, room)
      await housekeeping.removeOutdated(noon)
      assert.equal(await handoffs.find('k0:over', noon - 1), undefined)
      assert.notEqual(await handoffs.find('k0:live', noon), undefined)
    })

    promise('resealing under the current key finds nothing to do', async ({ log, tokens, housekeeping }) => {
      const token = await storeToken({ log }, sampleToken())
      assert.equal(await housekeeping.reseal(), 0)
      assert.deepEqual(await tokens.find(token.id), token)
    })
  })
}
