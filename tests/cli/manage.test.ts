import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { noteBackup } from '@chatelaine/core'
import { openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { CommandLine } from './command.ts'

describe('accounts, projects and the log from a terminal', () => {
  let deployment: Deployment
  let ada: Member
  const line = new CommandLine({ after })
  const done = async (...args: string[]) => {
    const { code, out, told } = await line.run(args)
    assert.equal(code, 0, told)
    return out
  }

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    line.environment = { CHATELAINE_URL: deployment.origin, CHATELAINE_TOKEN: deployment.root }
  })
  after(() => deployment.close())

  test('an account is made with a password from standard input, found, changed, disabled and enabled', async () => {
    const made = await line.run(['account', 'create', 'bob', '--full-name', 'Bob', '--password-stdin', '--json'], {
      input: 'a long enough password\n',
    })
    assert.equal(made.code, 0, made.told)
    const { id } = JSON.parse(made.out)
    await deployment.signIn('bob', 'a long enough password')
    const changed = await line.run(['account', 'set-password', id], { input: 'another long password\n' })
    assert.equal(changed.code, 0, changed.told)
    await deployment.signIn('bob', 'another long password')
    assert.match(await done('account', 'list', '-q', 'bob'), new RegExp(`^${id}\\tbob\\tBob\\tmember\\tactive\\t`))
    assert.match(await done('account', 'update', id, '--external-id', 'u-7'), /^external id\tu-7$/m)
    await done('account', 'disable', id, '--yes')
    assert.match(await done('account', 'show', id), /^status\tdisabled$/m)
    assert.match(await done('account', 'update', id, '--enable'), /^status\tactive$/m)
  })

  test('a project is made, gets members, and ends with its tokens', async () => {
    const { id } = JSON.parse(await done('project', 'create', 'reports', '--owner', ada.id, '--json'))
    const { id: bob } = await deployment.member('bea')
    assert.equal((await done('project', 'add-member', id, bob)).split('\n')[1], 'role\tmember')
    assert.equal((await done('project', 'set-role', id, bob, '--role', 'manager')).split('\n')[1], 'role\tmanager')
    const shown = await done('project', 'show', id)
    assert.match(shown, new RegExp(`^${ada.id}\\towner\\t`, 'm'))
    assert.match(shown, new RegExp(`^${bob}\\tmanager\\t`, 'm'))
    await done('project', 'remove-member', id, bob, '--yes')
    await done('project', 'update', id, '--description', 'weekly')
    const token = (await done('token', 'create', '--project', id)).trim()
    const unasked = await line.run(['project', 'archive', id])
    assert.equal(unasked.code, 2)
    await done('project', 'archive', id, '--yes')
    const verified = await deployment.ask('verifyToken', { as: deployment.root, body: { token } })
    assert.equal(verified.body.code, 'revoked')
    assert.match(await done('project', 'list', '--status', 'archived'), new RegExp(`^${id}\\treports\\tarchived\\t`))
  })

  test('the log is listed, exported into a file, and checked offline; an altered export is refused', async () => {
    assert.match(await done('audit', 'list', '--subject', ada.tokenId), /^\S+Z\ttoken\.created\ttok_\w+\t/)
    assert.equal(await done('audit', 'list', '--until', '1d'), '')
    await done('audit', 'export', '--output', 'audit.jsonl')
    const file = join(line.directory, 'audit.jsonl')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.match(await done('audit', 'export', '--format', 'csv'), /^"seq",/)
    const keys = await deployment.ask('getAuditKeys')
    writeFileSync(join(line.directory, 'keys.json'), JSON.stringify(keys.body))
    // Offline: nothing answers at the URL, and there is no token.
    const offline = { environment: { CHATELAINE_URL: 'http://127.0.0.1:9', CHATELAINE_TOKEN: '' } }
    const checked = await line.run(['audit', 'verify', 'audit.jsonl', '--keys', 'keys.json'], offline)
    assert.equal(checked.code, 0, checked.told)
    assert.match(checked.out, /^audit\.jsonl is what was exported/)
    writeFileSync(
      file,
      readFileSync(file, 'utf8')
        .replace('"username":"ada"', '"username":"eve"')
        .replace('token.created', 'token.changed'),
    )
    const refused = await line.run(['audit', 'verify', 'audit.jsonl', '--keys', 'keys.json'], offline)
    assert.equal(refused.code, 1)
    assert.match(refused.told, /error: audit\.jsonl is not what was exported: row \d+ was altered/)
  })

  test('doctor tells a good token from one that is open to others, ends soon or is dead', async () => {
    const good = await line.run(['doctor'], { environment: { CHATELAINE_TOKEN: ada.token } })
    assert.equal(good.code, 0, good.out)
    assert.match(good.out, /^good +\thttp:\S+ is ready$/m)
    assert.match(good.out, /^unwise\tit never expires$/m)
    assert.match(good.out, /^unwise\tit may do everything that you may$/m)
    const soon = await deployment.ask('createToken', { as: ada.token, body: { scopes: ['data:read'] } })
    const short = await line.run(['doctor'], { environment: { CHATELAINE_TOKEN: secretOf(soon) } })
    assert.match(short.out, /^unwise\tit ends in (?:1 day|23 hours)$/m)
    assert.doesNotMatch(short.out, /everything/)
    await deployment.ask('revokeToken', { as: ada.token, params: { id: soon.body.id } })
    const dead = await line.run(['doctor'], { environment: { CHATELAINE_TOKEN: secretOf(soon) } })
    assert.equal(dead.code, 1)
    assert.match(dead.out, /^wrong +\t/m)
    assert.doesNotMatch(good.out, /it is release/)
    const doctored = async () =>
      (await line.run(['doctor'], { environment: { CHATELAINE_TOKEN: deployment.root } })).out
    assert.match(
      await doctored(),
      /^good +\tit is release \S+, on sqlite 3\.\S+\nunwise\tno backup of it was ever made$/m,
    )
    const { ports } = deployment.service
    const position = ports.freshness.position
    await noteBackup(ports, 'old', { takenAt: Date.now() - 8 * 86_400_000, file: '/backups/old.db', position })
    assert.match(await doctored(), /^unwise\tthe last backup was made 8 days ago$/m)
    await noteBackup(ports, 'new', { takenAt: Date.now(), file: '/backups/new.db', position })
    assert.match(await doctored(), /^good +\tthe last backup was made /m)
    writeFileSync(join(line.directory, 'open.token'), ada.token, { mode: 0o644 })
    const open = await line.run(['doctor', '--token-file', 'open.token'])
    assert.equal(open.code, 1)
    assert.match(open.out, /can be read by others.*\n\tRun: chmod 600/)
    const away = await line.run(['doctor', '--url', 'http://127.0.0.1:9'])
    assert.equal(away.code, 1)
    assert.match(away.out, /^wrong +\thttp:\/\/127\.0\.0\.1:9 cannot be reached$/m)
  })
})
