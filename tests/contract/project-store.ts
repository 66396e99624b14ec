import assert from 'node:assert/strict'
import {
  allPages,
  change,
  noon,
  Notes,
  requireCommitted,
  sampleAccount,
  sampleProject,
  sampleToken,
  storeAccount,
  storeProject,
  storeToken,
} from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type Subject, type SuiteOptions } from './suite.ts'

/** The promises of `ProjectStore`, and of the changes that end what belongs to a project. */
export function describeProjectStore(open: OpenStorage, options: SuiteOptions): void {
  describePort('ProjectStore', open, options, (promise) => {
    promise('a project is found as it was written, with every field and every member', async ({ log, projects }) => {
      const members = [await storeAccount({ log }, sampleAccount()), await storeAccount({ log }, sampleAccount())]
      const project = sampleProject(members, { name: 'Ätlas "1"', description: 'what it is for' })
      const stored = await storeProject({ log }, project)
      assert.deepEqual(stored, { ...project, serial: 1, changedSeq: 3 })
      assert.deepEqual(await projects.find(project.id), stored)
      assert.equal(await projects.find('prj_0000000000000000'), undefined)
    })

    promise('replacing a version that is no longer in force conflicts, and so does a guard on it', async ({ log }) => {
      const project = await storeProject({ log }, sampleProject([await storeAccount({ log }, sampleAccount())]))
      await storeProject({ log }, { ...project, name: 'first' })
      const second = change({ put: 'project', project: { ...project, name: 'second' } })
      assert.deepEqual(await log.commit([second]), { outcome: 'conflict' })
      const guards = [{ guard: 'project-unchanged', id: project.id, changedSeq: project.changedSeq }] as const
      assert.deepEqual(await log.commit([change({ put: 'nothing' }, { guards })]), { outcome: 'conflict' })
    })

    promise('lists go by name without regard to case, then by serial, over pages of any size', async (subject) => {
      const owner = await storeAccount(subject, sampleAccount())
      for (const name of ['beta', 'Alpha', 'Beta', 'ärger'])
        await storeProject(subject, sampleProject([owner], { name }))
      const names = async (limit: number): Promise<string[]> => {
        const all = await allPages((after) => subject.projects.list({ limit, ...(after && { after }) }))
        return all.map(({ name }) => name)
      }
      assert.deepEqual(await names(9), ['Alpha', 'beta', 'Beta', 'ärger'])
      assert.deepEqual(await names(1), await names(9))
    })

    promise('lists are filtered by id, member, status and text', async ({ log, projects }) => {
      const [ada, bob] = [await storeAccount({ log }, sampleAccount()), await storeAccount({ log }, sampleAccount())]
      const shared = await storeProject({ log }, sampleProject([ada, bob]))
      const own = await storeProject({ log }, sampleProject([ada], { name: 'Größe', status: 'archived' }))
      const list = async (query: object): Promise<unknown> => (await projects.list({ limit: 9, ...query })).items
      assert.deepEqual(await list({ memberId: bob.id }), [shared])
      assert.deepEqual(await list({ memberId: ada.id, status: 'archived' }), [own])
      assert.deepEqual(await list({ memberId: ada.id, serial: own.serial }), [own])
      assert.deepEqual(await list({ memberId: bob.id, serial: own.serial }), [])
      assert.deepEqual(await list({ uuid: shared.uuid }), [shared])
      assert.deepEqual(await list({ id: own.id }), [own])
      assert.deepEqual(await list({ text: 'GRÖ' }), [own])
      assert.deepEqual(await list({ text: '%' }), [])
    })

    promise('who is no longer a member is not found by it', async ({ log, projects }) => {
      const [ada, bob] = [await storeAccount({ log }, sampleAccount()), await storeAccount({ log }, sampleAccount())]
      const project = await storeProject({ log }, sampleProject([ada, bob]))
      await storeProject({ log }, { ...project, members: project.members.slice(0, 1) })
      assert.deepEqual((await projects.list({ memberId: bob.id, limit: 9 })).items, [])
    })

    promise('tokens are found by their project and by who made them', async (subject) => {
      const { ada, bob, project } = await storeShared(subject)
      const byAda = await storeToken(subject, sampleToken({ projectId: project.id, createdBy: ada.id }))
      const byBob = await storeToken(subject, sampleToken({ projectId: project.id, createdBy: bob.id }))
      await storeToken(subject, sampleToken({ accountId: bob.id, createdBy: bob.id }))
      const query = { sort: 'created_at', descending: false, now: noon, limit: 9, projectId: project.id } as const
      assert.deepEqual((await subject.tokens.list(query)).items, [byAda, byBob])
      assert.deepEqual((await subject.tokens.list({ ...query, createdBy: bob.id })).items, [byBob])
    })

    promise('each project has permanent tokens of its own', async (subject) => {
      const { ada, project } = await storeShared(subject)
      const limits = { permanentMax: 1, liveMax: 9 }
      const permanent = { expiresAt: null, projectId: project.id, createdBy: ada.id }
      await storeToken(subject, sampleToken({ expiresAt: null, accountId: ada.id }), { limits })
      await storeToken(subject, sampleToken(permanent), { limits })
      const write = { put: 'token', token: sampleToken(permanent), limits } as const
      assert.deepEqual(await subject.log.commit([change(write)]), { outcome: 'permanent-limit', inUse: 1, max: 1 })
    })

    promise('archiving ends the tokens of the project and no others, each with a row of its own', async (subject) => {
      const { log, tokens, source } = subject
      const { ada, project } = await storeShared(subject)
      const ended = await storeToken({ log }, sampleToken({ projectId: project.id, createdBy: ada.id }))
      const other = await storeToken({ log }, sampleToken({ accountId: ada.id, createdBy: ada.id }))
      const notes = new Notes()
      source.follow(notes)
      const archived = { ...project, status: 'archived' } as const
      requireCommitted(
        await log.commit([change({ put: 'project', project: archived, endTokens: 'all' }, { effect: 'takes' })]),
      )
      assert.equal((await tokens.find(ended.id))?.revokedAt, noon)
      assert.equal((await tokens.find(other.id))?.revokedAt, null)
      assert.deepEqual(
        notes.entries.map(({ subject: { id }, action }) => [id, action]),
        [
          [project.id, 'project.updated'],
          [ended.id, 'token.revoked'],
        ],
      )
    })

    promise('a member who leaves takes along the project tokens that it made', async (subject) => {
      const { log, tokens } = subject
      const { ada, bob, project } = await storeShared(subject)
      const byAda = await storeToken({ log }, sampleToken({ projectId: project.id, createdBy: ada.id }))
      const byBob = await storeToken({ log }, sampleToken({ projectId: project.id, createdBy: bob.id }))
      const without = { ...project, members: project.members.slice(0, 1) }
      await log.commit([change({ put: 'project', project: without, endTokens: { createdBy: bob.id } })])
      assert.equal((await tokens.find(byAda.id))?.revokedAt, null)
      assert.equal((await tokens.find(byBob.id))?.revokedAt, noon)
    })

    promise('an account that is disabled takes along the project tokens that it made', async (subject) => {
      const { log, tokens } = subject
      const { ada, bob, project } = await storeShared(subject)
      const byAda = await storeToken({ log }, sampleToken({ projectId: project.id, createdBy: ada.id }))
      const byBob = await storeToken({ log }, sampleToken({ projectId: project.id, createdBy: bob.id }))
      const account = { ...bob, status: 'disabled' } as const
      await log.commit([change({ put: 'account', account, endTokens: 'made-for-projects' })])
      assert.equal((await tokens.find(byAda.id))?.revokedAt, null)
      assert.equal((await tokens.find(byBob.id))?.revokedAt, noon)
    })

    promise('what concerns a project is what was done to it and to its tokens', async (subject) => {
      const { log } = subject
      const { ada, project } = await storeShared(subject)
      const token = await storeToken({ log }, sampleToken({ projectId: project.id, createdBy: ada.id }))
      await storeToken({ log }, sampleToken({ accountId: ada.id }))
      const { items } = await log.read({ concerning: project.id, limit: 9 })
      assert.deepEqual(
        items.map(({ subject: { id } }) => id),
        [token.id, project.id],
      )
    })
  })
}

/** A project of two members. */
async function storeShared(subject: Pick<Subject, 'log'>) {
  const [ada, bob] = [await storeAccount(subject, sampleAccount()), await storeAccount(subject, sampleAccount())]
  return { ada, bob, project: await storeProject(subject, sampleProject([ada, bob])) }
}
