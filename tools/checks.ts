// What is checked without running the program: format, lint, types, dead code. Each counts as one test.

import { spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { inRoot, root } from './root.ts'
import { note, type Tally } from './tally.ts'

type Check = {
  /** The promise that the check keeps. */
  readonly promise: string
  readonly command: readonly [string, ...string[]]
  /** What makes it pass again, where a command can. */
  readonly repair?: string
}

const checks: readonly Check[] = [
  { promise: 'every file is formatted', command: ['oxfmt', '--check', '.'], repair: 'npx oxfmt .' },
  { promise: 'the linter finds nothing, floating promises included', command: ['oxlint', '--deny-warnings'] },
  ...typedProjects().map((project): Check => ({
    promise: `the types of ${project} hold`,
    command: ['tsc', '-p', project],
  })),
  { promise: 'no file, export or dependency is unused', command: ['knip'] },
]

/** Runs every check, one after the other, and says at once how each went. Never throws. */
export async function runChecks(tally: Tally): Promise<void> {
  for (const check of checks) {
    const began = performance.now()
    const { passed, output } = await run(check.command)
    const tookMs = performance.now() - began
    const repeat = `To see it again: npx ${check.command.join(' ')}`
    const repair = check.repair === undefined ? '' : ` · to repair it: ${check.repair}`
    note(
      tally,
      passed
        ? { kind: 'pass', title: check.promise, tookMs }
        : {
            kind: 'fail',
            title: check.promise,
            tookMs,
            detail: `${stripVTControlCharacters(output).trim()}\n${repeat}${repair}`,
          },
    )
  }
}

/** The root project and every package that holds itself to a stricter one than the root's. */
function typedProjects(): string[] {
  const own = globSync('packages/*/tsconfig.json', { cwd: root })
  return ['.', ...own.map((file) => file.replace(/\/tsconfig\.json$/, '')).toSorted()]
}

function run(command: Check['command']): Promise<{ passed: boolean; output: string }> {
  const [name, ...args] = command
  const bin = inRoot('node_modules/.bin')
  const program = join(bin, name)
  if (!existsSync(program)) return Promise.resolve({ passed: false, output: `${name} is not installed: run npm ci` })
  return new Promise((resolve) => {
    let output = ''
    // The tools are scripts that look for `node` in PATH; they get the one that runs this file.
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` }
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', (error) => resolve({ passed: false, output: error.message }))
    child.on('close', (code, signal) =>
      resolve({ passed: code === 0, output: signal === null ? output : `${output}\nended by ${signal}` }),
    )
  })
}
