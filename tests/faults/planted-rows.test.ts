import assert from 'node:assert/strict'
import { hash, randomBytes, randomInt } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { generateToken, type TokenKind } from '@chatelaine/token'
import { deriveKeys, KeyRing } from '@chatelaine/token/keys'
import { accountTable } from '../../packages/storage/src/sql/tables/account-table.ts'
import { tokenTable } from '../../packages/storage/src/sql/tables/token-table.ts'
import { bodyOf, Client } from './client.ts'
import { Intruder, type Row } from './intruder.ts'
import { placesIn, Site, type RunningServer } from './running-server.ts'
import { Steward, type Account, type Issued } from './steward.ts'

const password = 'an unusually long password'

/** What an intruder finds: its own account and tokens, and those of somebody else. */
interface Scene {
  readonly intruder: Intruder
  readonly victim: Holder
  readonly managerTokenId: string
  /** Tokens of the intruder's own account, another one each time. */
  own(): Issued
  readonly revoked: Issued
  readonly suspended: Issued
}

interface Holder {
  readonly account: Account
  readonly token: Issued
}

/** What an intruder presents after it has changed the database, and the row that it has changed. */
interface Attempt {
  readonly token: string
  readonly rowId: string
}

const random = (byteCount: number) => randomBytes(byteCount)

/** Every way in which somebody with the database tries to have a token that was not given. */
const attacks: Readonly<Record<string, (scene: Scene) => Attempt>> = {
  'a planted row with digest and seal under keys of its own': (scene) =>
    plant(scene, 'account', (token) => {
      const keys = deriveKeys(KeyRing.generate(random))
      return { digest: keys.digest(token), seal: keys.mac('row-seal', token) }
    }),
  'a planted row with digest and seal under keys that bear the name of ours': (scene) =>
    plant(scene, 'account', (token, keyId) => {
      const keys = deriveKeys(KeyRing.parse(`${keyId} ${randomBytes(32).toString('base64')}`))
      return { digest: keys.digest(token), seal: keys.mac('row-seal', token) }
    }),
  'a planted row with the bare hash of its token': (scene) =>
    plant(scene, 'account', (token, keyId) => ({ digest: `${keyId}:${hash('sha256', token, 'base64url')}` })),
  'a planted row of a manager token': (scene) =>
    plant(scene, 'manager', (token, keyId) => ({ digest: `${keyId}:${hash('sha256', token, 'base64url')}` })),
  'its own row under the id of another account': (scene) =>
    alter(scene, scene.own(), { account_id: scene.victim.account.id }),
  'its own row made that of a manager': (scene) =>
    alter(scene, scene.own(), { kind: 'manager', account_id: null, scopes: '["chatelaine.tokens:write"]' }),
  'its own row with wider scopes': (scene) => alter(scene, scene.own(), { scopes: '["*","chatelaine.tokens:write"]' }),
  'its own row without an expiry': (scene) => alter(scene, scene.own(), { expires_at: null }),
  'its own row with the seal of another': (scene) =>
    alter(scene, scene.own(), { seal: scene.intruder.read('tokens', scene.own().id)['seal']! }),
  'its own revoked row brought back': (scene) =>
    alter(scene, scene.revoked, { revoked_at: null, revoked_reason: null }),
  'its own suspended row resumed': (scene) => alter(scene, scene.suspended, { is_active: 1 }),
  "another's row with the digest of its own token": (scene) =>
    alter(scene, scene.victim.token, { digest: scene.intruder.read('tokens', scene.own().id)['digest']! }),
  'a row that is damaged': (scene) => alter(scene, scene.own(), { scopes: '["*', metadata: '', digest: '', seal: '' }),
  ...Object.fromEntries(
    tokenTable.sealed
      .filter((column) => column !== 'id')
      .map((column) => [`its own row with another ${column}`, (scene: Scene) => alterColumn(scene, column)]),
  ),
}

function alter({ intruder }: Scene, { id, token }: Issued, values: Row): Attempt {
  intruder.alter('tokens', id, values)
  return { token, rowId: id }
}

function alterColumn(scene: Scene, column: string): Attempt {
  const issued = scene.own()
  return alter(scene, issued, { [column]: scene.intruder.otherValue('tokens', issued.id, column) })
}

/** Plants a row for a token that never was issued, made after one that was. */
function plant(scene: Scene, kind: TokenKind, forge: (token: string, keyId: string) => Row): Attempt {
  const { id, token: secret } = generateToken({ prefix: 'chl', kind }, random)
  const genuine = scene.intruder.read('tokens', kind === 'manager' ? scene.managerTokenId : scene.own().id)
  const token = secret.reveal()
  const forged = forge(token, scene.intruder.readKeyId())
  scene.intruder.plant('tokens', { ...genuine, id, serial: randomInt(1e6, 1e9), ...forged })
  return { token, rowId: id }
}

describe('on a database that an intruder has written to', () => {
  const site = new Site({ after })
  const attempts: Record<string, Attempt> = {}
  /** A token of an account of which this column was altered. */
  const orphans: Record<string, Attempt> = {}
  let bystanders: readonly Issued[]
  let victim: Holder
  let session: Readonly<Record<string, string>>
  let steward: Steward
  let server: RunningServer

  before(async () => {
    await prepare()
    server = await site.start()
    steward = new Steward(new Client(server.port), server.managerToken)
  })
  after(() => steward.client.close())

  async function prepare(): Promise<void> {
    server = await site.start()
    steward = new Steward(new Client(server.port), server.managerToken)
    const { id: ownAccountId } = await steward.account('intruder', { password })
    const account = await steward.account('victim', { password, role: 'admin' })
    victim = { account, token: await steward.issue({ account_id: account.id }) }
    const manager = await steward.issue({ kind: 'manager', scopes: ['chatelaine.tokens:verify'] })
    const own = await steward.issueMany(2 * Object.keys(attacks).length, { account_id: ownAccountId })
    const [revoked, suspended] = [own.pop()!, own.pop()!]
    await steward.client.ask('DELETE', `/api/v1/tokens/${revoked.id}`, { as: steward.token })
    const suspension = { as: steward.token, body: { is_active: false } }
    await steward.client.ask('PATCH', `/api/v1/tokens/${suspended.id}`, suspension)
    const owners = await Promise.all(
      accountTable.sealed
        .filter((column) => column !== 'id')
        .map(async (column) => {
          const { id } = await steward.account(`owner with another ${column}`)
          return { column, id, token: (await steward.issue({ account_id: id })).token }
        }),
    )
    session = await signIn('intruder')
    bystanders = await steward.issueMany(10, { account_id: account.id })
    steward.client.close()
    await server.stop()

    const intruder = new Intruder(placesIn(site.directory).database)
    const scene = { intruder, victim, managerTokenId: manager.id, own: () => own.pop()!, revoked, suspended }
    for (const [how, attack] of Object.entries(attacks)) attempts[how] = attack(scene)
    for (const { column, id, token } of owners) {
      intruder.alter('accounts', id, { [column]: intruder.otherValue('accounts', id, column) })
      orphans[column] = { token, rowId: id }
    }
    intruder.alter('sessions', session['cookie']!.split(/[=.]/)[1]!, { account_id: account.id })
    intruder.close()
  }

  async function signIn(username: string): Promise<Readonly<Record<string, string>>> {
    const answer = await steward.client.ask('POST', '/api/v1/session', { body: { username, password } })
    bodyOf('signIn', 201, answer)
    return { cookie: String(answer.headers['set-cookie']).split(';', 1)[0]!, 'sec-fetch-site': 'same-origin' }
  }

  /** Waits until the log says of exactly this row that it is damaged. */
  const whenNamed = (table: string, id: string) => server.whenLogged(`"row":${JSON.stringify({ table, id })}`)

  for (const how of Object.keys(attacks)) {
    test(`${how} does not make a token verify, and the log names it`, async () => {
      const { token, rowId } = attempts[how]!
      for (const kinds of [['account'], ['account', 'project', 'manager']]) {
        assert.equal((await steward.verify(token, { kinds })).code, 'unknown')
      }
      const asked = await steward.client.ask('GET', '/api/v1/tokens/self', { as: token })
      assert.equal(asked.status, 401)
      await whenNamed('tokens', rowId)
    })
  }

  for (const column of accountTable.sealed.filter((name) => name !== 'id')) {
    test(`the tokens of an account with another ${column} do not verify, and the log names the account`, async () => {
      const { token, rowId } = orphans[column]!
      assert.equal((await steward.verify(token)).valid, false)
      await whenNamed('accounts', rowId)
    })
  }

  test('a session moved to another account belongs to nobody, and the log names it', async () => {
    const answer = await steward.client.ask('GET', '/api/v1/session', { headers: session })
    assert.equal(answer.status, 401)
    await whenNamed('sessions', session['cookie']!.split(/[=.]/)[1]!)
  })

  test('everything that was not touched goes on as before', async () => {
    for (const { token } of bystanders) assert.equal((await steward.verify(token)).code, 'valid')
    const { id } = bystanders[0]!
    const revocation = await steward.client.ask('DELETE', `/api/v1/tokens/${id}`, { as: steward.token })
    bodyOf('revokeToken', 204, revocation)
    const path = `/api/v1/tokens?account_id=${victim.account.id}&limit=200`
    const listed = bodyOf('listTokens', 200, await steward.client.ask('GET', path, { as: steward.token }))
    const untouched = bystanders.slice(1).map((issued) => issued.id)
    assert.deepEqual(new Set(listed.data.map((token) => token.id)), new Set(untouched))
    await signIn('victim')
    assert.ok(!server.log().includes('"level":"fatal"'))
  })
})
