import assert from 'node:assert/strict'
import { dayMs } from '@chatelaine/core'
import { noon, putToken, requireCommitted, sampleToken } from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

/** The promises of `OnceStore`, and of idempotency keys. */
export function describeOnceStore(open: OpenStorage, options: SuiteOptions): void {
  const once = { caller: 'acc_1', key: 'key', fingerprint: 'k0:f', at: noon }

  describePort('OnceStore', open, options, (promise) => {
    promise('a key is found with what its request made', async ({ log, once: store }) => {
      const token = sampleToken()
      await log.commit([putToken(token)], once)
      assert.deepEqual(await store.find('acc_1', 'key', noon), { ...once, subjectType: 'token', subjectId: token.id })
    })

    promise('keys of different callers never meet', async ({ log, once: store }) => {
      await log.commit([putToken(sampleToken())], once)
      assert.equal(await store.find('acc_2', 'key', noon), undefined)
      assert.equal(await store.find('acc_1', 'key\0', noon), undefined)
      requireCommitted(await log.commit([putToken(sampleToken())], { ...once, caller: 'acc_2' }))
    })

    promise('a key that is older than 24 hours is free again', async ({ log, once: store }) => {
      await log.commit([putToken(sampleToken())], once)
      const outcome = await log.commit([putToken(sampleToken())], { ...once, at: noon + dayMs - 1 })
      assert.equal(outcome.outcome, 'repeated')
      const later = { ...once, at: noon + dayMs }
      assert.notEqual(await store.find('acc_1', 'key', later.at - 1), undefined)
      assert.equal(await store.find('acc_1', 'key', later.at), undefined)
      requireCommitted(await log.commit([putToken(sampleToken())], later))
      assert.equal((await store.find('acc_1', 'key', later.at))?.at, later.at)
    })
  })
}
