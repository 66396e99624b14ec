import assert from 'node:assert/strict'
import { change, noon, sampleAccount, sampleSession, storeAccount } from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

/** The promises of `SessionStore`. */
export function describeSessionStore(open: OpenStorage, options: SuiteOptions): void {
  describePort('SessionStore', open, options, (promise) => {
    promise(
      'a session is found by its public id, with its account, whatever their state',
      async ({ log, sessions }) => {
        const account = await storeAccount({ log }, sampleAccount({ status: 'disabled' }))
        const session = sampleSession(account, { createdAt: 1, lastSeenAt: 2 })
        await log.commit([change({ put: 'session', session })])
        assert.deepEqual(await sessions.find(session.id), { session, account: { ...account, lastSignInAt: 1 } })
        assert.equal(await sessions.find('ses_none'), undefined)
      },
    )

    promise('activity is noted, never backwards, and leaves no entry in the log', async ({ log, sessions, source }) => {
      const session = sampleSession(await storeAccount({ log }, sampleAccount()))
      await log.commit([change({ put: 'session', session })])
      await sessions.touch(session.id, noon + 60)
      await sessions.touch(session.id, noon + 30)
      assert.equal((await sessions.find(session.id))?.session.lastSeenAt, noon + 60)
      assert.equal(source.position().seq, 2)
    })

    promise('noting activity of a session that is gone does nothing', async ({ sessions }) => {
      await sessions.touch('ses_none', noon)
      assert.equal(await sessions.find('ses_none'), undefined)
    })

    promise('a removed session is gone', async ({ log, sessions }) => {
      const session = sampleSession(await storeAccount({ log }, sampleAccount()))
      await log.commit([change({ put: 'session', session })])
      await log.commit([change({ remove: 'session', sessionId: session.id })])
      assert.equal(await sessions.find(session.id), undefined)
    })
  })
}
