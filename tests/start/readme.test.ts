import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { makeDirectory, runServer } from './processes.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const [commands = '', start = '', session = ''] = [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].map(
  ([, block]) => block,
)

test('the README opens with one sentence and the two commands', () => {
  assert.match(readme, /^# Chatelaine\n\n[^.\n]+\.\n\n```sh\n/)
  assert.deepEqual(
    commands
      .trim()
      .split('\n')
      .map((line) => line.replace(/ *#.*/, '')),
    ['npm start', 'npm test'],
  )
})

test('every file that ARCHITECTURE.md names is there', () => {
  const root = new URL('../../', import.meta.url)
  const text = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8')
  const files = globSync(['packages/*/*.ts', 'packages/*/{src,test}/**/*.ts', 'tools/**/*.ts'], { cwd: root })
  const named = [...text.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, name = '']) => name)
  const missing = named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))
  assert.ok(named.length > 20)
  assert.deepEqual(missing, [])
})

test('the session of the README, as it stands, issues a token, verifies it, and has it refused once revoked', async (context) => {
  const directory = makeDirectory(context)
  // What the README has people set before npm start, read from there so that the two cannot part.
  const [, file = ''] = /^CHATELAINE_BOOTSTRAP_TOKEN_FILE=(\S+) npm start\n$/.exec(start) ?? []
  const server = runServer(directory, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: file })
  const origin = await server.ready()
  const { stdout, stderr } = await promisify(execFile)('sh', ['-euc', session], {
    cwd: directory,
    env: { PATH: process.env.PATH, CHATELAINE_URL: origin },
  })
  assert.equal(stderr, '')
  const [issued = {}, before = {}, after = {}, ...more] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(more, [])
  assert.match(String(issued.token), /^chl_acc_[0-9A-Za-z]{54}$/)
  assert.deepEqual([before.valid, before.code, before.token_id], [true, 'valid', issued.id])
  assert.deepEqual([after.valid, after.code, after.token_id], [false, 'revoked', issued.id])
  server.signal('SIGTERM')
  assert.equal((await server.ended).code, 0)
})

test('the commands that the ready lines print do what they say', async (context) => {
  const directory = makeDirectory(context)
  const server = runServer(directory, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: 'manager.token' })
  await server.ready()
  const printed = /Verify the first token:\n([^]*)$/.exec(server.told())![1]!
  const { stdout } = await promisify(execFile)('sh', ['-euc', printed], { cwd: directory })
  assert.equal((JSON.parse(stdout) as { code: string }).code, 'valid')
  server.signal('SIGTERM')
  await server.ended
})

test('the commands that the ready lines print lead a new administrator to a token that verifies', async (context) => {
  const directory = makeDirectory(context)
  const server = runServer(directory)
  const origin = await server.ready()
  const code = /setup#(\S+)/.exec(server.told())![1]
  const password = 'correct horse battery staple'
  const made = await fetch(`${origin}/api/v1/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, username: 'ada', password }),
  })
  assert.equal(made.status, 201)
  const printed = /make a token, and verify it:\n([^]*)$/.exec(server.told())![1]!
  const [signIn = '', issue = '', verify = ''] = printed.trim().split('\n')
  const run = async (command: string) => {
    const { stdout } = await promisify(execFile)('sh', ['-euc', command.replace('curl', 'curl -sS')], {
      cwd: directory,
    })
    return JSON.parse(stdout) as Record<string, string>
  }
  await run(signIn.replace('NAME', 'ada').replace('PASSWORD', password))
  const { token = '' } = await run(issue)
  assert.equal((await run(verify.replaceAll('TOKEN', token))).code, 'valid')
  server.signal('SIGTERM')
  await server.ended
})
