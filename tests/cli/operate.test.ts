import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { CommandLine, type Started } from './command.ts'

/** Starts the server, and tells where it listens. */
async function serve(line: CommandLine): Promise<{ server: Started; origin: string }> {
  const server = line.start(['serve'], {
    environment: { CHATELAINE_LISTEN: '127.0.0.1:0', CHATELAINE_BOOTSTRAP_TOKEN_FILE: 'manager.token' },
  })
  const [, origin = ''] = await server.says(/ready at (http:\S+)\n[^]*\n\n$/)
  return { server, origin }
}

async function stop({ child, ended }: Started): Promise<void> {
  child.kill('SIGTERM')
  assert.equal((await ended).code, 0)
}

test('whoever runs the server backs it up, restores it and changes its keys with the same command', async (context) => {
  const line = new CommandLine(context)
  const done = async (args: readonly string[], origin = '') => {
    const { code, out, told } = await line.run(args, { environment: origin === '' ? {} : { CHATELAINE_URL: origin } })
    assert.equal(code, 0, told)
    return out
  }
  const before = await serve(line)
  const { id: account } = JSON.parse(await done(['account', 'create', 'ada', '--json'], before.origin))
  const created = await done(['token', 'create', '--account', account, '--json'], before.origin)
  const { id, token } = JSON.parse(created) as { id: string; token: string }
  assert.match(await done(['backup', 'copy.db']), /^Backed up to copy\.db, as of /)
  await done(['token', 'revoke', id], before.origin)
  await stop(before.server)

  assert.match(await done(['restore', 'copy.db']), /^This would put copy\.db in the place of the database/)
  assert.ok(!existsSync(join(line.directory, 'data', 'replaced.db')))
  assert.match(await done(['restore', 'copy.db', '--yes']), /token\.revoked: 1/)

  const [first = ''] = (await done(['key', 'list'])).split(' ')
  assert.match(await done(['key', 'rotate']), /^The current master key is now /)
  assert.match(await done(['key', 'list']), new RegExp(`  current\n${first}  former\n$`))
  assert.match(await done(['key', 'retire', first]), /Repeat the command with --yes/)

  const after = await serve(line)
  const verified = await line.run(['verify'], { environment: { CHATELAINE_URL: after.origin }, input: token })
  assert.deepEqual([verified.code, verified.out.split('\n')[0]], [1, 'code\trevoked'], verified.told)
  const beside = await line.run(['restore', 'copy.db', '--yes'])
  assert.equal(beside.code, 1)
  assert.match(beside.told, /^chatelaine: error: /)
  await stop(after.server)
})

test('a setting that is wrong is told in the form of every error', async (context) => {
  const line = new CommandLine(context)
  for (const command of [['serve'], ['backup', 'x.db']]) {
    const { code, told } = await line.run(command, { environment: { CHATELAINE_LISTEN: 'nowhere' } })
    assert.equal(code, 1)
    assert.match(told, /^chatelaine: error: .*CHATELAINE_LISTEN/)
  }
})
