import assert from 'node:assert/strict'
import { defaultPolicy, initialSettings, replaced, type Settings } from '@chatelaine/core'
import {
  change,
  requireCommitted,
  sampleAccount,
  sampleProject,
  sampleToken,
  storeAccount,
  storeProject,
  storeToken,
} from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

const scope = { description: 'Read data', group: 'Data', sensitive: false } as const

/** The promises of `SettingsStore`, and of the changes that replace the settings. */
export function describeSettingsStore(open: OpenStorage, options: SuiteOptions): void {
  describePort('SettingsStore', open, options, (promise) => {
    promise('a new deployment has the initial settings', async ({ settings }) => {
      assert.deepEqual(await settings.read(), initialSettings)
    })

    promise('settings are read as they were written, with every part and every scope', async ({ log, settings }) => {
      const asked: Settings = {
        policy: { ...defaultPolicy, longestLifetimeSeconds: 1, ownerRateLimit: { limit: 1, windowSeconds: 2 } },
        catalogue: replaced(null, [{ ...scope, name: 'data:read', kinds: ['project'] }]),
        changedSeq: 0,
      }
      const outcome = await log.commit([change({ put: 'settings', settings: asked })])
      assert.deepEqual(requireCommitted(outcome).written, [{ type: 'settings', settings: { ...asked, changedSeq: 1 } }])
      assert.deepEqual(await settings.read(), { ...asked, changedSeq: 1 })
    })

    promise(
      'replacing settings that are no longer in force conflicts, and so does a guard on them',
      async (subject) => {
        const { log, settings } = subject
        const asked: Settings = { ...initialSettings, policy: { ...defaultPolicy, permanentTokensMax: 1 } }
        requireCommitted(await log.commit([change({ put: 'settings', settings: asked })]))
        assert.deepEqual(await log.commit([change({ put: 'settings', settings: initialSettings })]), {
          outcome: 'conflict',
        })
        const guards = [{ guard: 'settings-unchanged', changedSeq: 0 }] as const
        assert.deepEqual(await log.commit([change({ put: 'nothing' }, { guards })]), { outcome: 'conflict' })
        assert.equal((await settings.read()).policy.permanentTokensMax, 1)
      },
    )

    promise('a standing has the settings, and of a project token what its project has otherwise', async (subject) => {
      const owner = await storeAccount(subject, sampleAccount())
      const project = await storeProject(subject, sampleProject([owner], { policy: { tokensPerOwnerMax: 3 } }))
      const token = await storeToken(subject, sampleToken({ projectId: project.id, createdBy: owner.id }))
      const standing = await subject.tokens.findStanding(token.id)
      assert.deepEqual(standing?.settings, initialSettings)
      assert.deepEqual(standing.projectPolicy, { tokensPerOwnerMax: 3 })
      assert.deepEqual((await subject.projects.find(project.id))?.policy, { tokensPerOwnerMax: 3 })
    })
  })
}
