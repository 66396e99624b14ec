// The launcher, run as npm runs it, in repositories made for the purpose: their only dependency is a workspace, so that
// the real `npm ci` has something to install and needs no network.

import assert from 'node:assert/strict'
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { inRoot } from './root.ts'

type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }

test('the first start installs what is missing, says so on stderr alone, and runs the file with its arguments', async (t) => {
  const repository = makeRepository(t)
  const ended = await start(repository, ['one', '--two'])
  assert.deepEqual([ended.code, ended.stdout], [0, 'one --two\n'])
  assert.match(ended.stderr, /^chatelaine: nothing is installed yet: running npm ci/)
  assert.ok(existsSync(join(repository, 'node_modules/door')))
})

test('a start with everything in place installs nothing and says nothing', async (t) => {
  const repository = makeRepository(t)
  await start(repository)
  const later = new Date(Date.now() + 60_000)
  utimesSync(join(repository, 'package-lock.json'), later, later)
  assert.equal((await start(repository)).stderr, '')
})

test('a start after the lock file changed installs again and says what for', async (t) => {
  const repository = makeRepository(t)
  await start(repository)
  writeManifests(repository, ['door', 'window'])
  assert.match((await start(repository)).stderr, /window is missing: running npm ci/)
  writeManifests(repository, ['window'])
  assert.match((await start(repository)).stderr, /door is no longer wanted: running npm ci/)
})

test('of starts at the same time one installs, and all run', async (t) => {
  const repository = makeRepository(t)
  const ended = await Promise.all(['a', 'b', 'c'].map((name) => start(repository, [name])))
  assert.deepEqual(
    ended.map(({ stdout }) => stdout),
    ['a\n', 'b\n', 'c\n'],
  )
  assert.equal(ended.filter(({ stderr }) => stderr.includes('running npm ci')).length, 1)
})

test('when the install fails nothing is started, and the exit code says so', async (t) => {
  const repository = makeRepository(t)
  writeFileSync(join(repository, 'package-lock.json'), '{ "lockfileVersion": 3, "packages": {} }')
  const ended = await start(repository, ['one'])
  assert.notEqual(ended.code, 0)
  assert.equal(ended.stdout, '')
  assert.match(ended.stderr, /error: npm ci failed/)
})

test('the exit code of the file is the exit code of the launcher', async (t) => {
  const repository = makeRepository(t, 'process.exitCode = 7')
  assert.equal((await start(repository)).code, 7)
})

test('a file that dies by a signal makes the launcher die by it', async (t) => {
  const repository = makeRepository(t, `process.kill(process.pid, 'SIGKILL')`)
  assert.equal((await start(repository)).signal, 'SIGKILL')
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`${signal} reaches the file, which decides how to end`, async (t) => {
    const repository = makeRepository(
      t,
      `process.on('${signal}', () => process.exit(9)); setInterval(() => {}, 1000); process.stdout.write('ready')`,
    )
    const launcher = open(repository)
    launcher.stdout.once('data', () => launcher.kill(signal))
    assert.equal((await end(launcher)).code, 9)
  })

test('without a Node that is new enough it says what is missing and what to do', async (t) => {
  const repository = makeRepository(t)
  const old = `data:text/javascript,Object.defineProperty(process,'version',{value:'v20.20.2'})`
  const ended = await start(repository, ['one'], { NODE_OPTIONS: `--import=${old}` })
  assert.deepEqual([ended.code, ended.stdout], [1, ''])
  assert.match(ended.stderr, /error: this needs Node 24\.15 or newer, and there is only v20\.20\.2/)
  assert.match(ended.stderr, /hint: .*install Node 24/)
})

/** A repository whose file prints its arguments, unless it is to do something else. */
function makeRepository(
  t: TestContext,
  file = `process.stdout.write(process.argv.slice(2).join(' ') + '\\n')`,
): string {
  const repository = mkdtempSync(join(tmpdir(), 'chatelaine-launch-'))
  t.after(() => rmSync(repository, { recursive: true }))
  mkdirSync(join(repository, 'tools'))
  cpSync(inRoot('tools/launch.js'), join(repository, 'tools/launch.js'))
  writeFileSync(join(repository, 'file.ts'), file)
  writeManifests(repository, ['door'])
  return repository
}

function writeManifests(repository: string, workspaces: readonly string[]): void {
  const manifest = { name: 'house', version: '1.0.0', type: 'module', workspaces }
  const packages: Record<string, object> = { '': manifest }
  for (const name of workspaces) {
    mkdirSync(join(repository, name), { recursive: true })
    writeFileSync(join(repository, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
    packages[name] = { version: '1.0.0' }
    packages[`node_modules/${name}`] = { resolved: name, link: true }
  }
  writeFileSync(join(repository, 'package.json'), JSON.stringify(manifest))
  const lock = { name: 'house', version: '1.0.0', lockfileVersion: 3, requires: true, packages }
  writeFileSync(join(repository, 'package-lock.json'), JSON.stringify(lock))
}

function start(repository: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return end(open(repository, args, env))
}

type Launcher = ChildProcessByStdio<null, Readable, Readable>

function open(repository: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Launcher {
  return spawn(process.execPath, ['tools/launch.js', 'file.ts', ...args], {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function end(launcher: Launcher): Promise<Ended> {
  return new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    launcher.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    launcher.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    launcher.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}
