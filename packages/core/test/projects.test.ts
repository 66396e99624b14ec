import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  adoptToken,
  archiveProject,
  changeAccount,
  changeProject,
  changeToken,
  createProject,
  Failure,
  listProjects,
  operatorCaller,
  putMember,
  readProject,
  readToken,
  removeMember,
  revokeToken,
  rotateToken,
  type Caller,
  type MemberRole,
  type Project,
} from '@chatelaine/core'
import { refuses } from './failures.ts'
import { actionsSince, makeManager, makePerson, makeToken, makeWorld, reread, verify, type World } from './world.ts'

type Person = Caller & { type: 'session' }

interface Team {
  readonly world: World
  readonly project: Project
  readonly owner: Person
  readonly manager: Person
  readonly member: Person
  readonly stranger: Person
}

/** A project with one of each role, and somebody who has nothing to do with it. */
async function makeTeam(world = makeWorld()): Promise<Team> {
  const [owner, manager, member, stranger] = [
    await makePerson(world),
    await makePerson(world),
    await makePerson(world),
    await makePerson(world),
  ]
  const { project } = await createProject(world.ports, owner, { name: 'observatory' })
  await putMember(world.ports, owner, project.id, manager.account.id, 'manager')
  await putMember(world.ports, owner, project.id, member.account.id, 'member')
  return { world, project, owner, manager, member, stranger }
}

function tokenOf({ world, project }: Team, caller: Caller, ask: object = {}) {
  return makeToken(world, caller, { projectId: project.id, life: { permanent: true }, ...ask })
}

/** Who is refused one thing, and who may do it. */
async function roles(may: readonly (keyof Team)[], run: (team: Team, caller: Person) => Promise<unknown>) {
  for (const role of ['owner', 'manager', 'member', 'stranger'] as const) {
    const team = await makeTeam()
    if (may.includes(role)) await run(team, team[role])
    else await refuses(role === 'stranger' ? 'not-found' : 'not-permitted', () => run(team, team[role]))
  }
}

describe('who may do what in a project', () => {
  test('all members see it, and whoever is none does not', async () => {
    await roles(['owner', 'manager', 'member'], ({ world, project }, caller) =>
      readProject(world.ports, caller, project.id),
    )
  })

  test('owners and managers change it and add members', async () => {
    await roles(['owner', 'manager'], ({ world, project }, caller) =>
      changeProject(world.ports, caller, project.id, { name: 'renamed' }),
    )
    await roles(['owner', 'manager'], ({ world, project, stranger }, caller) =>
      putMember(world.ports, caller, project.id, stranger.account.id, 'manager'),
    )
  })

  test('owners alone make and unmake owners, and archive it', async () => {
    await roles(['owner'], ({ world, project, member }, caller) =>
      putMember(world.ports, caller, project.id, member.account.id, 'owner'),
    )
    await roles(['owner'], ({ world, project, owner }, caller) =>
      putMember(world.ports, caller, project.id, owner.account.id, 'manager').catch((error: unknown) => {
        if (!(error instanceof Failure && error.key === 'last-owner')) throw error
      }),
    )
    await roles(['owner'], ({ world, project }, caller) => archiveProject(world.ports, caller, project.id))
  })

  test('owners and managers remove members, and everybody may leave', async () => {
    await roles(['owner', 'manager', 'member'], ({ world, project, member }, caller) =>
      removeMember(world.ports, caller, project.id, member.account.id),
    )
    const team = await makeTeam()
    const { world, project, manager, member, owner } = team
    await refuses('not-permitted', () => removeMember(world.ports, member, project.id, manager.account.id))
    await refuses('not-permitted', () => removeMember(world.ports, manager, project.id, owner.account.id))
  })

  test('the last owner can neither leave nor become less, until there is another', async () => {
    const { world, project, owner, manager } = await makeTeam()
    const ownerId = owner.account.id
    await refuses('last-owner', () => removeMember(world.ports, owner, project.id, ownerId))
    await refuses('last-owner', () => putMember(world.ports, owner, project.id, ownerId, 'member'))
    await refuses('last-owner', () => removeMember(world.ports, operatorCaller, project.id, ownerId))
    await putMember(world.ports, owner, project.id, manager.account.id, 'owner')
    await removeMember(world.ports, owner, project.id, ownerId)
    await refuses('not-found', () => readProject(world.ports, owner, project.id))
  })

  test('of two owners who leave at once one stays', async () => {
    const { world, project, owner, manager } = await makeTeam()
    await putMember(world.ports, owner, project.id, manager.account.id, 'owner')
    const leaving = [owner, manager].map((one) => removeMember(world.ports, one, project.id, one.account.id))
    const outcomes = await Promise.allSettled(leaving)
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  })

  test('a list of projects holds those within reach', async () => {
    const { world, project, owner, member, stranger } = await makeTeam()
    const other = (await createProject(world.ports, stranger, { name: 'another' })).project
    const own = await makeToken(world, owner, { projectId: project.id })
    const seen = async (caller: Caller) =>
      (await listProjects(world.ports, caller, { limit: 10 })).items.map(({ id }) => id).toSorted()
    assert.deepEqual(await seen(member), [project.id])
    assert.deepEqual(await seen(stranger), [other.id])
    assert.deepEqual(await seen(own.caller), [project.id])
    assert.deepEqual(await seen(operatorCaller), [project.id, other.id].toSorted())
  })

  test('a project is made for somebody else by whoever reaches the whole deployment', async () => {
    const { world, stranger, owner } = await makeTeam()
    const ask = { name: 'theirs', ownerId: stranger.account.id }
    await refuses('not-permitted', () => createProject(world.ports, owner, ask))
    const manager = await makeManager(world, { scopes: ['chatelaine.projects:write'] })
    await refuses('invalid-request', () => createProject(world.ports, manager.caller, { name: 'nobody’s' }))
    const { project } = await createProject(world.ports, manager.caller, ask)
    assert.deepEqual(
      project.members.map(({ accountId, role }) => [accountId, role]),
      [[stranger.account.id, 'owner']],
    )
  })
})

describe('the tokens of a project', () => {
  test('are managed by owners and managers; members see all and manage those that they made', async () => {
    for (const [role, manages] of [
      ['owner', true],
      ['manager', true],
      ['member', false],
    ] as const) {
      const team = await makeTeam()
      const { ports } = team.world
      const others = (await tokenOf(team, team.owner)).token.id
      const own = (await tokenOf(team, team[role])).token.id
      const caller = team[role]
      await readToken(ports, caller, others)
      await changeToken(ports, caller, own, { label: 'mine' })
      if (manages) await changeToken(ports, caller, others, { label: 'managed' })
      else {
        await refuses('not-permitted', () => changeToken(ports, caller, others, { label: 'managed' }))
        await refuses('not-permitted', () => rotateToken(ports, caller, others))
        await refuses('not-permitted', () => revokeToken(ports, caller, others))
      }
      await refuses('not-found', () => readToken(ports, team.stranger, others))
    }
  })

  test('may be made by all members, unless policy leaves that to owners and managers', async () => {
    const open = await makeTeam()
    await tokenOf(open, open.member)
    await refuses('not-found', () => tokenOf(open, open.stranger))
    const strict = await makeTeam(makeWorld({ policy: { membersMayCreate: false } }))
    await tokenOf(strict, strict.manager)
    await refuses('not-permitted', () => tokenOf(strict, strict.member))
  })

  test('are all managed by every member where policy says so', async () => {
    const team = await makeTeam(makeWorld({ policy: { membersManageAll: true } }))
    const { token } = await tokenOf(team, team.owner)
    assert.equal((await changeToken(team.world.ports, team.member, token.id, { label: 'x' })).label, 'x')
  })

  test('reach their own project and no other, and speak for no account', async () => {
    const team = await makeTeam()
    const { world, project, owner } = team
    const other = (await createProject(world.ports, owner, { name: 'other' })).project
    const { text, token } = await tokenOf(team, owner)
    assert.equal(token.accountId, null)
    assert.equal(await verify(world, text), 'valid')
    assert.equal(await verify(world, text, { projectId: project.id }), 'valid')
    assert.equal(await verify(world, text, { projectId: other.id }), 'wrong_project')
    assert.equal(await verify(world, text, { projectId: 'prj_0000000000000000' }), 'wrong_project')
    assert.equal(await verify(world, text, { kinds: ['account'] }), 'wrong_kind')
  })

  test('make others for the same project, which end with the same membership, and nothing else', async () => {
    const team = await makeTeam()
    const { world, project, member, owner, stranger } = team
    const made = await tokenOf(team, member)
    const child = await makeToken(world, made.caller)
    assert.deepEqual([child.token.kind, child.token.projectId], ['project', project.id])
    assert.deepEqual([child.token.createdBy, child.token.parentTokenId], [member.account.id, made.token.id])
    const other = (await createProject(world.ports, owner, { name: 'other' })).project
    await refuses('not-found', () => makeToken(world, made.caller, { projectId: other.id }))
    await refuses('invalid-request', () => makeToken(world, made.caller, { kind: 'account' }))
    await refuses('not-found', () => makeToken(world, made.caller, { kind: 'account', accountId: stranger.account.id }))
    await refuses('not-permitted', () =>
      makeToken(world, made.caller, { kind: 'manager', scopes: ['chatelaine.tokens:read'] }),
    )
  })

  test('see their project and do not manage it', async () => {
    const team = await makeTeam()
    const { world, project, owner, stranger, member } = team
    const { caller } = await tokenOf(team, owner)
    assert.equal((await readProject(world.ports, caller, project.id)).id, project.id)
    for (const attempt of [
      () => changeProject(world.ports, caller, project.id, { name: 'mine' }),
      () => archiveProject(world.ports, caller, project.id),
      () => putMember(world.ports, caller, project.id, stranger.account.id, 'owner'),
      () => removeMember(world.ports, caller, project.id, member.account.id),
    ]) {
      await refuses('not-permitted', attempt)
    }
    const { token } = await tokenOf(team, owner)
    await refuses('not-permitted', () => adoptToken(world.ports, caller, token.id))
  })
})

describe('when a member goes', () => {
  const ways: Record<string, (team: Team) => Promise<unknown>> = {
    leaves: ({ world, project, member }) => removeMember(world.ports, member, project.id, member.account.id),
    'is removed': ({ world, project, member, manager }) =>
      removeMember(world.ports, manager, project.id, member.account.id),
    'is disabled': ({ world, member }) =>
      changeAccount(world.ports, operatorCaller, member.account.id, { status: 'disabled' }),
  }
  for (const [how, go] of Object.entries(ways)) {
    test(`who ${how}, the project’s tokens that they made end with them, and no others`, async () => {
      const team = await makeTeam()
      const { world } = team
      const [theirs, others] = [await tokenOf(team, team.member), await tokenOf(team, team.owner)]
      const child = await makeToken(world, theirs.caller)
      for (const { text } of [theirs, child, others]) assert.equal(await verify(world, text), 'valid')
      const seq = world.store.entries.length
      await go(team)
      assert.equal(await verify(world, theirs.text), 'revoked')
      assert.equal(await verify(world, child.text), 'revoked')
      assert.equal(await verify(world, others.text), 'valid')
      assert.deepEqual(actionsSince(world, seq).slice(1), ['token.revoked', 'token.revoked'])
    })

    test(`who ${how}, what was adopted before lives on`, async () => {
      const team = await makeTeam()
      const { text, token } = await tokenOf(team, team.member)
      const adopted = await adoptToken(team.world.ports, team.manager, token.id)
      assert.equal(adopted.createdBy, team.manager.account.id)
      await go(team)
      assert.equal(await verify(team.world, text), 'valid')
    })
  }

  test('an adopted token ends with its new maker, and no more with the tokens of its old one', async () => {
    const team = await makeTeam()
    const { world, member, manager, owner, project } = team
    const parent = await makeToken(world, member, { life: { permanent: true } })
    const { text, token } = await tokenOf(team, parent.caller)
    await adoptToken(world.ports, manager, token.id)
    await revokeToken(world.ports, member, parent.token.id)
    assert.equal(await verify(world, text), 'valid')
    await removeMember(world.ports, owner, project.id, manager.account.id)
    assert.equal(await verify(world, text), 'revoked')
  })

  test('who made a token while leaving, it is not there or it ended', async () => {
    const team = await makeTeam()
    const { world, member, owner, project } = team
    const [made] = await Promise.allSettled([
      tokenOf(team, member),
      removeMember(world.ports, owner, project.id, member.account.id),
    ])
    if (made.status === 'fulfilled') assert.equal(await verify(world, made.value.text), 'revoked')
    else assert.match(String(made.reason), /no project/)
  })
})

describe('who may adopt', () => {
  test('owners and managers, and nobody else', async () => {
    await roles(['owner', 'manager'], async (team, caller) => {
      const { token } = await tokenOf(team, team.owner)
      await adoptToken(team.world.ports, caller, token.id)
    })
  })

  test('only tokens of a project, which have not ended', async () => {
    const team = await makeTeam()
    const own = await makeToken(team.world, team.owner)
    await refuses('not-permitted', () => adoptToken(team.world.ports, team.owner, own.token.id))
    const { token } = await tokenOf(team, team.member)
    await revokeToken(team.world.ports, team.owner, token.id)
    await refuses('token-ended', () => adoptToken(team.world.ports, team.owner, token.id))
  })

  test('with a token, only what that token could make', async () => {
    const team = await makeTeam()
    const { world, owner, member } = team
    const { token } = await tokenOf(team, member, { rateLimit: { limit: 10, windowSeconds: 60 } })
    const bounds = [
      { life: { lifetimeSeconds: 60 } },
      { scopes: ['chatelaine.tokens:write'] },
      { allowedIps: ['192.0.2.1'] },
      { usesGranted: 5 },
    ]
    for (const bound of bounds) {
      const { caller } = await makeToken(world, owner, { life: { permanent: true }, ...bound })
      await refuses('exceeds-caller', () => adoptToken(world.ports, caller, token.id))
    }
    const { caller, token: adopter } = await makeToken(world, owner, { life: { permanent: true } })
    const adopted = await adoptToken(world.ports, caller, token.id)
    assert.deepEqual([adopted.createdBy, adopted.parentTokenId], [owner.account.id, adopter.id])
  })

  test('once: adopting again changes nothing', async () => {
    const team = await makeTeam()
    const { token } = await tokenOf(team, team.member)
    await adoptToken(team.world.ports, team.owner, token.id)
    const seq = team.world.store.entries.length
    await adoptToken(team.world.ports, team.owner, token.id)
    assert.deepEqual(actionsSince(team.world, seq), [])
  })
})

describe('archiving a project', () => {
  test('ends all of its tokens, adopted ones too, and is final', async () => {
    const team = await makeTeam()
    const { world, project, owner, member, manager } = team
    const tokens = [await tokenOf(team, owner), await tokenOf(team, member), await tokenOf(team, member)]
    await adoptToken(world.ports, manager, tokens[2]!.token.id)
    for (const { text } of tokens) await verify(world, text)
    await archiveProject(world.ports, owner, project.id)
    for (const { text, token } of tokens) {
      assert.equal(await verify(world, text), 'revoked')
      assert.equal((await reread(world, token)).revokedReason, 'project-archived')
    }
    assert.equal((await archiveProject(world.ports, owner, project.id)).status, 'archived')
    await refuses('project-archived', () => tokenOf(team, owner))
    await refuses('project-archived', () => changeProject(world.ports, owner, project.id, { name: 'again' }))
    await refuses('project-archived', () => putMember(world.ports, owner, project.id, member.account.id, 'owner'))
  })

  test('takes the project out of the reach of account tokens', async () => {
    const { world, project, owner, member } = await makeTeam()
    const { text } = await makeToken(world, member)
    assert.equal(await verify(world, text, { projectId: project.id }), 'valid')
    await archiveProject(world.ports, owner, project.id)
    assert.equal(await verify(world, text, { projectId: project.id }), 'wrong_project')
  })
})

describe('an account token', () => {
  test('reaches the projects that its account belongs to, for as long as it does', async () => {
    const { world, project, owner, member, stranger } = await makeTeam()
    const [own, foreign] = [await makeToken(world, member), await makeToken(world, stranger)]
    const within = { projectId: project.id }
    assert.equal(await verify(world, own.text, within), 'valid')
    assert.equal(await verify(world, foreign.text, within), 'wrong_project')
    await putMember(world.ports, owner, project.id, stranger.account.id, 'member')
    assert.equal(await verify(world, foreign.text, within), 'valid')
    await removeMember(world.ports, owner, project.id, member.account.id)
    assert.equal(await verify(world, own.text, within), 'wrong_project')
    assert.equal(await verify(world, own.text), 'valid')
  })

  for (const role of ['owner', 'manager', 'member'] as const satisfies readonly MemberRole[]) {
    test(`of ${role === 'owner' ? 'an' : 'a'} ${role} reaches it alike`, async () => {
      const team = await makeTeam()
      const { text } = await makeToken(team.world, team[role])
      assert.equal(await verify(team.world, text, { projectId: team.project.id }), 'valid')
    })
  }

  test('never reaches a project again once the loss of membership was answered, however it is verified meanwhile', async () => {
    const { world, project, owner, member } = await makeTeam()
    const { text } = await makeToken(world, member)
    const within = { projectId: project.id }
    await verify(world, text, within)
    let isRemoved = false
    const verifying = Array.from({ length: 200 }, async (_, turn) => {
      for (let turns = 0; turns < turn; turns += 1) await Promise.resolve()
      const wasRemoved = isRemoved
      return { wasRemoved, code: await verify(world, text, within) }
    })
    const removing = removeMember(world.ports, owner, project.id, member.account.id).then(() => (isRemoved = true))
    const [answers] = await Promise.all([Promise.all(verifying), removing])
    assert.ok(answers.some(({ wasRemoved }) => wasRemoved) && answers.some(({ code }) => code === 'valid'))
    for (const { wasRemoved, code } of answers) if (wasRemoved) assert.equal(code, 'wrong_project')
  })
})
