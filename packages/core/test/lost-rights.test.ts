import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  adoptToken,
  cancelRotation,
  changeAccount,
  changePolicy,
  changeToken,
  createProject,
  defaultPolicy,
  endBeyondPolicy,
  Failure,
  issueToken,
  operatorCaller,
  putMember,
  rekey,
  removeMember,
  revokeMany,
  revokeToken,
  rotateToken,
  systemActor,
  type Caller,
  type Change,
  type Policy,
  type Ports,
  type ProjectId,
  type SecretAge,
  type TokenEdit,
  type TokenId,
} from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { refuses } from './failures.ts'
import { ModelStore } from './model-store.ts'
import { makePerson, makeToken, makeWorld, randomFrom, reread, verify, type World } from './world.ts'

interface Scene {
  readonly world: World
  readonly projectId: ProjectId
  readonly owner: Caller
  /** Whoever acts, as a member of the project. */
  readonly actor: Caller & { type: 'session' }
  /** A token of the project that its owner made. */
  readonly tokenId: TokenId
}

type Step = (scene: Scene, ports: Ports) => Promise<unknown>

async function makeScene(policy: Partial<Policy>, role: 'manager' | 'member'): Promise<Scene> {
  const world = makeWorld({ policy })
  const [owner, actor] = [await makePerson(world), await makePerson(world)]
  const { project } = await createProject(world.ports, owner, { name: 'Atlas' })
  await putMember(world.ports, owner, project.id, actor.account.id, role)
  const { token } = await makeToken(world, owner, { projectId: project.id })
  return { world, projectId: project.id, owner, actor, tokenId: token.id }
}

const setPolicy =
  (policy: Partial<Policy>): Step =>
  (_scene, ports) =>
    changePolicy(ports, operatorCaller, { ...defaultPolicy, ...policy })
const demote: Step = ({ owner, projectId, actor }, ports) =>
  putMember(ports, owner, projectId, actor.account.id, 'member')
const remove: Step = ({ owner, projectId, actor }, ports) => removeMember(ports, owner, projectId, actor.account.id)

const managing: Readonly<Record<string, Step>> = {
  rotating: ({ actor, tokenId }, ports) => rotateToken(ports, actor, tokenId),
  'taking a rotation back': async ({ world, owner, actor, tokenId }, ports) => {
    await rotateToken(world.ports, owner, tokenId)
    return cancelRotation(ports, actor, tokenId)
  },
  changing: ({ actor, tokenId }, ports) => changeToken(ports, actor, tokenId, { label: 'mine' }),
  suspending: ({ actor, tokenId }, ports) => changeToken(ports, actor, tokenId, { isActive: false }),
  revoking: ({ actor, tokenId }, ports) => revokeToken(ports, actor, tokenId),
  'revoking many': ({ actor, projectId }, ports) => revokeMany(ports, actor, { projectId }, {}),
}
const creating: Step = ({ actor, projectId }, ports) => issueToken(ports, actor, { origin: 'api', projectId })
const creatingOwn: Step = ({ actor }, ports) => issueToken(ports, actor, { origin: 'api' })

/** A scene whose actor is a member of nothing any more. */
async function outside(): Promise<Scene> {
  const scene = await makeScene({}, 'member')
  await remove(scene, scene.world.ports)
  return scene
}

/** The ports, with something that happens once, right behind the read with this number. */
function interrupted(ports: Ports, readNumber: number, happen: () => Promise<unknown>): Ports {
  let reads = 0
  async function read<T>(found: Promise<T>): Promise<T> {
    const result = await found
    reads += 1
    if (reads === readNumber) await happen()
    return result
  }
  return {
    ...ports,
    tokens: {
      ...ports.tokens,
      find: (id) => read(ports.tokens.find(id)),
      list: (query) => read(ports.tokens.list(query)),
    },
    accounts: { ...ports.accounts, find: (id) => read(ports.accounts.find(id)) },
    projects: {
      ...ports.projects,
      find: (id) => read(ports.projects.find(id)),
      list: (query) => read(ports.projects.list(query)),
    },
    settings: { read: () => read(ports.settings.read()) },
  }
}

/** Has the right end behind each read that acting makes, one after the other; nothing may be written afterwards. */
async function neverActsWithoutRight(scene: () => Promise<Scene>, act: Step, lose: Step): Promise<void> {
  for (let readNumber = 1; ; readNumber += 1) {
    const before = await scene()
    const { store, ports } = before.world
    let lostAfter: number | undefined
    const acting = interrupted(ports, readNumber, async () => {
      await lose(before, ports)
      lostAfter = store.entries.length
    })
    await act(before, acting).catch((error: unknown) => assert.ok(error instanceof Failure, String(error)))
    if (lostAfter === undefined) {
      assert.ok(readNumber > 2, 'the reads were counted')
      return
    }
    const written = store.entries.slice(lostAfter).map(({ action }) => action)
    assert.deepEqual(written, [], `the right was lost behind read ${readNumber}`)
  }
}

describe('a right that is lost at any moment of', () => {
  for (const [name, act] of Object.entries({ ...managing, 'taking over': takeOver })) {
    test(`${name} is not made use of: the role`, () =>
      neverActsWithoutRight(() => makeScene({}, 'manager'), act, demote))
  }

  for (const [name, act] of Object.entries(managing)) {
    test(`${name} is not made use of: the policy`, () =>
      neverActsWithoutRight(
        () => makeScene({ membersManageAll: true }, 'member'),
        act,
        setPolicy({ membersManageAll: false }),
      ))
  }

  test('becoming a member is not made use of: the account', async () => {
    const admit: Step = ({ owner, projectId, actor }, ports) =>
      putMember(ports, owner, projectId, actor.account.id, 'member')
    const disable: Step = ({ actor }, ports) =>
      changeAccount(ports, operatorCaller, actor.account.id, { status: 'disabled' })
    await neverActsWithoutRight(outside, admit, disable)
  })

  test('creating is not made use of', async () => {
    const asMember = (): Promise<Scene> => makeScene({}, 'member')
    await neverActsWithoutRight(asMember, creating, remove)
    await neverActsWithoutRight(asMember, creating, setPolicy({ membersMayCreate: false }))
  })

  test('creating a token of one’s own is not made use of', async () => {
    const roleNeeded = { creationRequiresProjectRole: true }
    await neverActsWithoutRight(() => makeScene(roleNeeded, 'member'), creatingOwn, remove)
    await neverActsWithoutRight(outside, creatingOwn, setPolicy(roleNeeded))
  })
})

describe('a caller whose token changes while it asks', () => {
  const graceSeconds = 600

  /** Two tokens of one account, the first between two secrets. */
  async function makeAsker(world = makeWorld()) {
    const person = await makePerson(world)
    const [{ token, caller }, other] = [await makeToken(world, person), await makeToken(world, person)]
    const rotated = await rotateToken(world.ports, person, token.id, graceSeconds)
    assert.ok(!rotated.repeated)
    const text = rotated.secret.reveal()
    await verify(world, text)
    const current = await reread(world, token)
    const rotateAgain = (grace: number): Promise<unknown> => rotateToken(world.ports, person, token.id, grace)
    /** The first token changes the other one with one of its secrets, and behind the first read something happens. */
    const ask = (secret: SecretAge, edit: TokenEdit, happen: () => Promise<unknown>, { ports }: World = world) =>
      changeToken(interrupted(ports, 1, happen), { ...caller, token: current, secret }, other.token.id, edit)
    return { token: current, text, rotateAgain, ask }
  }

  test('is refused when its secret was the old one, and another has become that', async () => {
    const { ask, rotateAgain } = await makeAsker()
    await refuses('credential-rejected', () => ask('old', { isActive: false }, () => rotateAgain(graceSeconds)))
  })

  test('is refused when its secret was the newest, and was replaced without a grace', async () => {
    const { ask, rotateAgain } = await makeAsker()
    await refuses('credential-rejected', () => ask('newest', { isActive: false }, () => rotateAgain(0)))
  })

  test('goes on when its secret has become the old one, bound by its grace', async () => {
    const { ask, rotateAgain } = await makeAsker()
    await refuses('exceeds-caller', () => ask('newest', { label: 'changed' }, () => rotateAgain(graceSeconds)))
  })

  test('goes on when its digest moves to the current master key', async () => {
    const former = KeyRing.generate(randomFrom(7))
    const store = new ModelStore()
    const { token, text, ask } = await makeAsker(makeWorld({ ring: former, store }))
    const world = makeWorld({ ring: former.withNewCurrent(randomFrom(8)), store })
    const changed = await ask('newest', { label: 'changed' }, () => rekey(world.ports, token, text), world)
    assert.equal(changed.label, 'changed')
  })
})

test('a token is not ended for a policy that its project is freed from at that moment', async () => {
  const { world, projectId, owner } = await makeScene({}, 'member')
  await makeToken(world, owner, { projectId })
  world.store.presetPolicy({ ...defaultPolicy, tokensPerOwnerMax: 1 })
  const project = await world.store.projects.find(projectId)
  const free: Change = {
    at: world.clock.now(),
    actor: systemActor,
    action: 'project.updated',
    effect: 'gives',
    subject: { type: 'project', id: projectId },
    details: {},
    write: { put: 'project', project: { ...project!, policy: { tokensPerOwnerMax: 2 } } },
    guards: [],
  }
  // Its reads: the settings, a page of tokens, the project.
  const ports = interrupted(world.ports, 3, () => world.store.log.commit([free]))
  assert.equal(await endBeyondPolicy(ports, operatorCaller), 0)
})

function takeOver({ actor, tokenId }: Scene, ports: Ports): Promise<unknown> {
  return adoptToken(ports, actor, tokenId)
}
