import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { goodPassword, openDeployment, secretOf, type Deployment, type Member } from './deployment.ts'

describe('projects', () => {
  let deployment: Deployment
  let owner: Member
  let member: Member
  let stranger: Member
  let projectId: string

  before(async () => {
    deployment = await openDeployment()
    owner = await deployment.member('owner')
    member = await deployment.member('member')
    stranger = await deployment.member('stranger')
    projectId = await newProject('observatory')
  })
  after(() => deployment.close())

  async function newProject(name: string): Promise<string> {
    const made = await deployment.ask('createProject', { as: owner.token, body: { name } })
    assert.equal(made.status, 201, made.detail)
    await addMember(made.body.id, member.id)
    return made.body.id
  }

  const addMember = (id: string, account_id: string, role = 'member') =>
    deployment.ask('addMember', { as: owner.token, params: { id }, body: { account_id, role } })
  const removeMember = (id: string, account_id: string, as = owner.token) =>
    deployment.ask('removeMember', { as, params: { id, account_id } })
  const makeToken = (id: string, as: string, more: object = {}) =>
    deployment.ask('createToken', { as, body: { project_id: id, ...more } })
  const verify = async (token: string, project_id?: string) => {
    const body = { token, ...(project_id === undefined ? {} : { project_id }) }
    return (await deployment.ask('verifyToken', { as: deployment.root, body })).body
  }

  test('whoever makes one owns it, and is listed as its owner', async () => {
    const { body } = await deployment.ask('listMembers', { as: member.token, params: { id: projectId } })
    assert.deepEqual(
      body.data.map(({ account_id, role }) => [account_id, role]),
      [
        [owner.id, 'owner'],
        [member.id, 'member'],
      ],
    )
    const { body: seen } = await deployment.ask('listProjects', { as: stranger.token })
    assert.deepEqual(seen.data, [])
  })

  test('its tokens reach it and nothing else, and a verification says so', async () => {
    const made = await makeToken(projectId, member.token)
    assert.deepEqual([made.body.kind, made.body.account_id, made.body.project_id], ['project', null, projectId])
    assert.match(secretOf(made), /^chl_prj_/)
    const answer = await verify(secretOf(made), projectId)
    assert.ok(answer.valid)
    assert.deepEqual([answer.kind, answer.account_id, answer.project_id], ['project', null, projectId])
    assert.equal((await verify(secretOf(made), await newProject('other'))).code, 'wrong_project')
  })

  test('its tokens with the scope may verify the tokens of the project, and hear of no others', async () => {
    const as = secretOf(await makeToken(projectId, owner.token, { scopes: ['chatelaine.tokens:verify'] }))
    const codeOf = async (token: string) => (await deployment.ask('verifyToken', { as, body: { token } })).body.code
    assert.equal(await codeOf(secretOf(await makeToken(projectId, member.token))), 'valid')
    assert.equal(await codeOf(owner.token), 'unknown')
    assert.equal(await codeOf(deployment.root), 'unknown')
    assert.equal(await codeOf(secretOf(await makeToken(await newProject('another'), owner.token))), 'unknown')
  })

  test('its tokens list and manage the tokens of the project alone', async () => {
    const id = await newProject('self-service')
    const as = secretOf(await makeToken(id, owner.token, { permanent: true }))
    const made = await makeToken(id, member.token)
    const { data } = (await deployment.ask('listTokens', { as })).body
    assert.deepEqual(new Set(data.map(({ project_id }) => project_id)), new Set([id]))
    const params = { id: made.body.id }
    assert.equal((await deployment.ask('updateToken', { as, params, body: { label: 'x' } })).body.label, 'x')
    assert.equal((await deployment.ask('getToken', { as, params: { id: owner.tokenId } })).problem, 'not-found')
    assert.equal((await deployment.ask('getAccount', { as, params: { id: owner.id } })).problem, 'not-found')
    assert.equal((await deployment.ask('revokeToken', { as, params })).status, 204)
  })

  test('an account token reaches those that its account belongs to, from the next verification on', async () => {
    assert.equal((await verify(member.token, projectId)).code, 'valid')
    assert.equal((await verify(stranger.token, projectId)).code, 'wrong_project')
    await addMember(projectId, stranger.id)
    assert.equal((await verify(stranger.token, projectId)).code, 'valid')
    await removeMember(projectId, stranger.id)
    assert.equal((await verify(stranger.token, projectId)).code, 'wrong_project')
    assert.equal((await verify(stranger.token)).code, 'valid')
  })

  test('no verification that is sent after a removal was answered finds the member in it', async () => {
    for (let round = 0; round < 5; round += 1) {
      await addMember(projectId, stranger.id)
      const made = secretOf(await makeToken(projectId, stranger.token))
      let isRemoved = false
      const late: string[] = []
      const hammering = Array.from({ length: 8 }, async () => {
        for (let times = 0; times < 30; times += 1) {
          const wasRemoved = isRemoved
          const codes = [(await verify(stranger.token, projectId)).code, (await verify(made)).code]
          if (wasRemoved) late.push(...codes)
        }
      })
      const removing = removeMember(projectId, stranger.id).then(() => (isRemoved = true))
      await Promise.all([...hammering, removing])
      assert.ok(late.length > 0)
      assert.deepEqual(new Set(late), new Set(['wrong_project', 'revoked']))
    }
  })

  test('an adopted token and its adopter are revoked together, and a dry run says so before', async () => {
    const made = await makeToken(projectId, member.token, { label: 'together' })
    const adopter = await deployment.ask('createToken', { as: owner.token, body: { label: 'together' } })
    const params = { id: made.body.id }
    assert.equal((await deployment.ask('adoptToken', { as: secretOf(adopter), params })).status, 200)
    const revoke = (more: object) =>
      deployment.ask('revokeTokens', { as: deployment.root, query: { q: 'together', ...more } })
    assert.deepEqual((await revoke({ dry_run: 'true' })).body, { revoked: 0, remaining: 2 })
    assert.deepEqual((await revoke({})).body, { revoked: 2, remaining: 0 })
  })

  test('what a leaving member made ends, unless a manager adopted it first', async () => {
    const id = await newProject('handing over')
    const [kept, lost] = [await makeToken(id, member.token), await makeToken(id, member.token)]
    const adopted = await deployment.ask('adoptToken', { as: owner.token, params: { id: kept.body.id } })
    assert.equal(adopted.body.created_by, owner.id)
    const refused = await deployment.ask('adoptToken', { as: member.token, params: { id: lost.body.id } })
    assert.equal(refused.problem, 'not-permitted')
    assert.equal((await removeMember(id, member.id, member.token)).status, 204)
    assert.equal((await verify(secretOf(kept), id)).code, 'valid')
    assert.equal((await verify(secretOf(lost), id)).code, 'revoked')
    const { data } = (
      await deployment.ask('listAuditEntries', { as: deployment.root, query: { subject: lost.body.id } })
    ).body
    assert.equal(data[0]?.details.because, 'member-left')
  })

  test('disabling an account ends the project tokens that it made; enabling it brings none back', async () => {
    const id = await newProject('disabling')
    const other = await deployment.member('disabled-soon')
    await addMember(id, other.id)
    const made = secretOf(await makeToken(id, other.token))
    await deployment.ask('disableAccount', { as: deployment.root, params: { id: other.id } })
    assert.equal((await verify(made)).code, 'revoked')
    assert.equal((await verify(other.token, id)).code, 'owner_disabled')
    const body = { status: 'active' }
    await deployment.ask('updateAccount', { as: deployment.root, params: { id: other.id }, body })
    assert.equal((await verify(made)).code, 'revoked')
    assert.equal((await verify(other.token, id)).code, 'valid')
  })

  test('the last owner can neither leave nor become less, but archive it', async () => {
    const id = await newProject('last')
    assert.equal((await removeMember(id, owner.id)).problem, 'last-owner')
    const params = { id, account_id: owner.id }
    const demoted = await deployment.ask('updateMember', { as: owner.token, params, body: { role: 'member' } })
    assert.equal(demoted.problem, 'last-owner')
    const made = secretOf(await makeToken(id, member.token))
    const archived = await deployment.ask('archiveProject', { as: owner.token, params: { id } })
    assert.equal(archived.body.status, 'archived')
    assert.equal((await verify(made)).code, 'revoked')
    assert.equal((await verify(member.token, id)).code, 'wrong_project')
    assert.equal((await makeToken(id, owner.token)).problem, 'project-archived')
    assert.equal((await addMember(id, stranger.id)).problem, 'project-archived')
  })

  test('a person who signed in has the rights of their role', async () => {
    const body = { username: 'console', password: goodPassword }
    const { id: account } = (await deployment.ask('createAccount', { as: deployment.root, body })).body
    const cookie = await deployment.signIn('console', goodPassword)
    const id = await newProject('by hand')
    const params = { id }
    assert.equal((await deployment.ask('getProject', { cookie, params })).problem, 'not-found')
    await addMember(id, account, 'manager')
    assert.equal((await deployment.ask('updateProject', { cookie, params, body: { name: 'ours' } })).body.name, 'ours')
    assert.equal((await deployment.ask('archiveProject', { cookie, params })).problem, 'not-permitted')
    const made = await deployment.ask('createToken', { cookie, body: { project_id: id } })
    assert.equal(made.body.created_by, account)
  })

  test('nobody is added who does not exist or is disabled, and nobody is changed who is no member', async () => {
    assert.equal((await addMember(projectId, 'acc_0000000000000000')).problem, 'not-found')
    const params = { id: projectId, account_id: stranger.id }
    const said = { as: owner.token, params, body: { role: 'member' } }
    assert.equal((await deployment.ask('updateMember', said)).problem, 'not-found')
    assert.equal((await removeMember(projectId, stranger.id)).status, 204)
  })

  test('the same Idempotency-Key makes it once', async () => {
    const said = { as: owner.token, body: { name: 'once' }, headers: { 'idempotency-key': 'project-once' } }
    const [first, again] = [await deployment.ask('createProject', said), await deployment.ask('createProject', said)]
    assert.deepEqual([first.status, again.status, again.body.id], [201, 200, first.body.id])
  })
})

describe('nothing grows through a project, a rotation, a renewal or a limit', () => {
  let deployment: Deployment
  let ada: Member
  let projectId: string
  /** Permanent, of the project, made by its owner as a person would. */
  let wide: string

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    projectId = (await deployment.ask('createProject', { as: ada.token, body: { name: 'p' } })).body.id
    const body = { project_id: projectId, permanent: true }
    wide = (await deployment.ask('createToken', { as: ada.token, body })).body.id
  })
  after(() => deployment.close())

  const at = (ms: number) => new Date(deployment.clock.now() + ms).toISOString()
  const make = async (body: object) => secretOf(await deployment.ask('createToken', { as: ada.token, body }))

  /** What each token is less in than what it reaches for. */
  const bounds: [string, () => object][] = [
    ['fewer scopes', () => ({ permanent: true, scopes: ['chatelaine.tokens:write', 'chatelaine.tokens:read'] })],
    ['an earlier end', () => ({ lifetime_seconds: 60 })],
    ['an end that it may only move so far', () => ({ lifetime_seconds: 60, renewable_until: at(7_200_000) })],
    ['a bound to addresses', () => ({ permanent: true, allowed_ips: ['127.0.0.1'] })],
    ['a rate limit', () => ({ permanent: true, rate_limit: { limit: 100, window_seconds: 1 } })],
    ['a number of uses', () => ({ permanent: true, uses_remaining: 100 })],
  ]
  for (const [what, bound] of bounds) {
    for (const kind of ['account', 'project'] as const) {
      test(`${kind} token with ${what} changes, resumes and rotates no token that has none`, async () => {
        const as = await make({ ...bound(), ...(kind === 'project' ? { project_id: projectId } : {}) })
        const params = { id: wide }
        const changes = deployment.changeCount()
        const attempts = [
          await deployment.ask('updateToken', { as, params, body: { label: 'mine' } }),
          await deployment.ask('updateToken', { as, params, body: { expires_at: at(9_000_000_000) } }),
          await deployment.ask('rotateToken', { as, params, body: {} }),
        ]
        assert.deepEqual(
          attempts.map(({ problem }) => problem),
          ['exceeds-caller', 'exceeds-caller', 'exceeds-caller'],
        )
        assert.equal(deployment.changeCount(), changes)
      })
    }
  }

  test('a token with a number of uses makes none, and adopts none', async () => {
    const as = await make({ lifetime_seconds: 864_000, uses_remaining: 100 })
    for (const body of [{}, { uses_remaining: 1 }, { project_id: projectId, lifetime_seconds: 1 }]) {
      assert.equal((await deployment.ask('createToken', { as, body })).problem, 'exceeds-caller')
    }
    const made = await deployment.ask('createToken', { as: deployment.root, body: { project_id: projectId } })
    const params = { id: made.body.id }
    assert.equal((await deployment.ask('adoptToken', { as, params })).problem, 'exceeds-caller')
  })

  test('a token makes none that renews itself for longer than it lives itself', async () => {
    const as = await make({ lifetime_seconds: 3_600, renewable_until: at(7_200_000) })
    const body = (until: number) => ({ lifetime_seconds: 60, renewable_until: at(until) })
    assert.equal((await deployment.ask('createToken', { as, body: body(7_300_000) })).problem, 'exceeds-caller')
    assert.equal((await deployment.ask('createToken', { as, body: body(7_000_000) })).status, 201)
  })

  test('a token lowers its own rate and lifts it never', async () => {
    const made = await deployment.ask('createToken', {
      as: ada.token,
      body: { rate_limit: { limit: 100, window_seconds: 60 } },
    })
    const change = (rate_limit: object | null) =>
      deployment.ask('updateToken', { as: secretOf(made), params: { id: made.body.id }, body: { rate_limit } })
    assert.equal((await change({ limit: 50, window_seconds: 60 })).status, 200)
    for (const rate of [null, { limit: 51, window_seconds: 60 }, { limit: 50, window_seconds: 59 }]) {
      assert.equal((await change(rate)).problem, 'exceeds-caller')
    }
  })
})
