import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ask, codeOf, issue, revoke } from './api.ts'
import { makeDirectory, operate, runServer, type Process } from './processes.ts'

interface Deployment {
  readonly directory: string
  readonly managerFile: string
  readonly start: () => Promise<{ server: Process; origin: string; manager: string }>
}

function deploy(context: TestContext): Deployment {
  const directory = makeDirectory(context)
  const managerFile = join(directory, 'manager.token')
  return {
    directory,
    managerFile,
    async start() {
      const server = runServer(directory, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: managerFile })
      const origin = await server.ready()
      return { server, origin, manager: readFileSync(managerFile, 'utf8') }
    },
  }
}

async function stop(server: Process): Promise<void> {
  server.signal('SIGTERM')
  assert.equal((await server.ended).code, 0)
}

test('what was revoked, suspended or narrowed after a backup stays so after its restore', async (context) => {
  const { directory, start } = deploy(context)
  const before = await start()
  const { origin, manager } = before
  const [kept, revoked, suspended, narrowed] = [
    await issue(origin, manager, 'kept'),
    await issue(origin, manager, 'revoked'),
    await issue(origin, manager, 'suspended'),
    await issue(origin, manager, 'narrowed'),
  ]
  const backup = await operate(directory, ['backup', 'backup.db'])
  assert.equal(backup.code, 0, backup.told)
  assert.match(backup.out, /^Backed up to backup\.db, as of \S+\.\d+\. Keep .*master\.key too/)
  assert.equal(statSync(join(directory, 'backup.db')).mode & 0o777, 0o600)
  await revoke(origin, manager, revoked.id)
  const change = (id: string, body: object) => ask(origin, 'PATCH', `/api/v1/tokens/${id}`, { token: manager, body })
  assert.equal((await change(suspended.id, { is_active: false })).status, 200)
  assert.equal((await change(narrowed.id, { scopes: ['data:read'] })).status, 200)
  const later = await issue(origin, manager, 'later')
  await stop(before.server)

  const preview = await operate(directory, ['restore', 'backup.db'])
  assert.equal(preview.code, 0, preview.told)
  assert.match(preview.out, /^This would put backup\.db in the place of the database/)
  assert.match(preview.out, /The log of the backup ends at \w+\.\d+\.$/m)
  assert.match(preview.out, /taken away again from \S+journal\.jsonl: \d+ lines, the last about \w+\.\d+\.$/m)
  const done = await operate(directory, ['restore', 'backup.db', '--yes'])
  assert.equal(done.code, 0, done.told)
  assert.match(done.out, /token\.revoked: 1/)
  assert.match(done.out, /token\.suspended: 1/)

  const after = await start()
  assert.equal(await codeOf(after.origin, manager, kept.token), 'valid')
  assert.equal(await codeOf(after.origin, manager, revoked.token), 'revoked')
  assert.equal(await codeOf(after.origin, manager, suspended.token), 'suspended')
  assert.equal(await codeOf(after.origin, manager, later.token), 'unknown')
  const asked = { token: narrowed.token, scopes: ['data:write'] }
  const { body } = await ask(after.origin, 'POST', '/api/v1/tokens/verify', { token: manager, body: asked })
  assert.equal(body.code, 'insufficient_scope')
  await stop(after.server)
})

test('a restore without --yes changes nothing, and beside a running server it is refused', async (context) => {
  const { directory, start } = deploy(context)
  const { server, origin, manager } = await start()
  assert.equal((await operate(directory, ['backup', 'backup.db'])).code, 0)
  const { token } = await issue(origin, manager, 'ada')
  assert.equal((await operate(directory, ['restore', 'backup.db'])).code, 0)
  const beside = await operate(directory, ['restore', 'backup.db', '--yes'])
  assert.equal(beside.code, 1)
  assert.match(beside.told, /^chatelaine: error: The data directory .* is in use by another process/)
  assert.equal(await codeOf(origin, manager, token), 'valid')
  await stop(server)
})

test('a backup is in the log and told of, whether a server ran or not, and once also after a restart', async (context) => {
  const { directory, start } = deploy(context)
  const first = await start()
  const { last_backup: before } = await facts(first.origin, first.manager)
  assert.equal(before, null)
  const made = await operate(directory, ['backup', 'running.db'])
  const position = /as of (\S+)\. Keep/.exec(made.out)?.[1]
  const noted = await untilBackup(first.origin, first.manager, 'running.db')
  assert.deepEqual(noted, { taken_at: noted.taken_at, file: join(directory, 'running.db'), log_position: position })
  await stop(first.server)
  assert.equal((await operate(directory, ['backup', 'stopped.db'])).code, 0)
  writeFileSync(join(directory, 'data', 'backup-0000000000000000.note'), '{"file":"planted"}')

  const second = await start()
  await untilBackup(second.origin, second.manager, 'stopped.db')
  const path = '/api/v1/audit?action=deployment.backed_up'
  const { body } = await ask(second.origin, 'GET', path, { token: second.manager })
  const entries = body.data as { actor: { type: string }; details: { file: string } }[]
  assert.deepEqual(
    entries.map(({ actor, details }) => [actor.type, basename(details.file)]),
    [
      ['operator', 'stopped.db'],
      ['operator', 'running.db'],
    ],
  )
  await stop(second.server)
  const left = readdirSync(join(directory, 'data')).filter((name) => name.startsWith('backup-'))
  assert.deepEqual(left, ['backup-0000000000000000.note.unreadable'])
  assert.match(second.server.log(), /note of a backup cannot be read/)
})

interface Backup {
  readonly taken_at: string
  readonly file: string
  readonly log_position: string
}

async function facts(origin: string, manager: string): Promise<{ last_backup: Backup | null }> {
  const { status, body } = await ask(origin, 'GET', '/api/v1/server', { token: manager })
  assert.equal(status, 200, JSON.stringify(body))
  return body as unknown as { last_backup: Backup | null }
}

/** The command leaves a note; the server says when it has taken it up. */
async function untilBackup(origin: string, manager: string, name: string): Promise<Backup> {
  for (;;) {
    const { last_backup: backup } = await facts(origin, manager)
    if (backup !== null && basename(backup.file) === name) return backup
  }
}

test('a backup is never written over a file, nor made of a directory without a database', async (context) => {
  const { directory, start } = deploy(context)
  const none = await operate(directory, ['backup', 'backup.db'])
  assert.match(none.told, /^chatelaine: error: there is no database in /)
  await stop((await start()).server)
  writeFileSync(join(directory, 'backup.db'), 'mine')
  const over = await operate(directory, ['backup', 'backup.db'])
  assert.equal(over.code, 1)
  assert.match(over.told, /^chatelaine: error: backup\.db is there already/)
  assert.equal(readFileSync(join(directory, 'backup.db'), 'utf8'), 'mine')
})

test('a master key is rotated, tokens move when they are used, and retiring the old key ends the rest', async (context) => {
  const { directory, start } = deploy(context)
  const keyFile = join(directory, 'data', 'master.key')
  const first = await start()
  const { manager } = first
  const used = await issue(first.origin, manager, 'used')
  const forgotten = await issue(first.origin, manager, 'forgotten')
  const [oldKey = ''] = readFileSync(keyFile, 'utf8').split(' ')
  assert.equal((await operate(directory, ['keys', 'list'])).out, `${oldKey}  current\n`)

  const rotated = await operate(directory, ['keys', 'rotate'])
  assert.equal(rotated.code, 0, rotated.told)
  const newKey = /is now (\w+)\. Restart/.exec(rotated.out)![1]!
  assert.equal((await operate(directory, ['keys', 'list'])).out, `${newKey}  current\n${oldKey}  former\n`)
  assert.equal(statSync(keyFile).mode & 0o777, 0o600)
  assert.equal(await codeOf(first.origin, manager, used.token), 'valid')
  const beside = await operate(directory, ['keys', 'retire', oldKey, '--yes'])
  assert.match(beside.told, /^chatelaine: error: The data directory .* is in use/)
  await stop(first.server)

  const second = await start()
  assert.equal(await codeOf(second.origin, manager, used.token), 'valid')
  await untilMoved(second.origin, manager, 2)
  await stop(second.server)

  const preview = await operate(directory, ['keys', 'retire', oldKey])
  assert.equal(preview.code, 0, preview.told)
  assert.match(
    preview.out,
    new RegExp(`^Tokens that .* would revoke: 1\n  ${forgotten.id}  active  "forgotten"  never used\n`),
  )
  const current = await operate(directory, ['keys', 'retire', newKey, '--yes'])
  assert.match(current.told, /^chatelaine: error: the master key file .* is the current one/)
  const retired = await operate(directory, ['keys', 'retire', oldKey, '--yes'])
  assert.equal(
    retired.out,
    `Retired ${oldKey}; tokens revoked: 1. Keep the key with the backups that were made under it.\n`,
  )
  assert.equal(retired.told, '')
  assert.doesNotMatch(readFileSync(keyFile, 'utf8'), new RegExp(oldKey))

  const third = await start()
  assert.equal(await codeOf(third.origin, manager, used.token), 'valid')
  assert.notEqual(await codeOf(third.origin, manager, forgotten.token), 'valid')
  const { body } = await ask(third.origin, 'GET', '/api/v1/audit', { token: manager })
  const actions = (body.data as { action: string }[]).map(({ action }) => action)
  for (const action of ['deployment.key_added', 'deployment.key_retired']) assert.ok(actions.includes(action), action)
  assert.doesNotMatch(third.server.log(), /"level":"(?:error|warn)"/)
  await stop(third.server)
})

/** Moving happens after the answer; the log says when it is done. */
async function untilMoved(origin: string, manager: string, count: number): Promise<void> {
  for (;;) {
    const { body } = await ask(origin, 'GET', '/api/v1/audit?action=token.rekeyed', { token: manager })
    if ((body.data as unknown[]).length >= count) return
  }
}

test('a command that does not exist or lacks its word is answered with those that there are', async (context) => {
  const directory = makeDirectory(context)
  for (const args of [
    [],
    ['destroy'],
    ['keys'],
    ['backup'],
    ['backup', 'a', 'b'],
    ['keys', 'list', 'a'],
    ['backup', '-x'],
  ]) {
    const { code, told, out } = await operate(directory, args)
    assert.equal(code, 1)
    assert.equal(out, '')
    assert.match(told, /^chatelaine: error: .+\nchatelaine: hint: npm run operate -- COMMAND[^]*keys retire ID/)
  }
})

test('a key file that somebody else is replacing is left alone', async (context) => {
  const { directory, start } = deploy(context)
  await stop((await start()).server)
  const keyFile = join(directory, 'data', 'master.key')
  const before = readFileSync(keyFile, 'utf8')
  writeFileSync(`${keyFile}.new`, '')
  const { code, told } = await operate(directory, ['keys', 'rotate'])
  assert.equal(code, 1)
  assert.match(told, /^chatelaine: error: .*master\.key\.new exists, so another command is replacing/)
  assert.equal(readFileSync(keyFile, 'utf8'), before)
})
