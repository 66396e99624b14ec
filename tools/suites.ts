// Runs test files, each in a process and a process group of its own, so that a file that hangs can be ended together
// with every server that it started. (The timeout of node:test gives up on a test but waits for its process for ever.)

import { spawn, type ChildProcess } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, matchesGlob } from 'node:path'
import type { Line } from './outcomes.ts'
import { inRoot, root } from './root.ts'
import { note, print, type Outcome, type Tally } from './tally.ts'

const filesAtOnceMax = 3
const fileMsMax = 10 * 60_000

/** Files whose tests hold several servers to deadlines: each has the machine to itself, after all the others. */
const alone = [
  'tests/contract/*postgres*.test.ts',
  'tests/faults/redis-lost.test.ts',
  'tests/instances/*.test.ts',
  'tests/postgres/*.test.ts',
  'tests/processes/*.test.ts',
  'tests/sdk/{many-verifiers,auto-renew}.test.ts',
  'tests/start/{postgres,redis,stop}.test.ts',
]
const outputCharsMax = 64 * 1024

const places = ['packages/*/test/**/*.test.ts', 'tests/**/*.test.ts', 'tools/**/*.test.ts']

/**
 * The test files that match one of `patterns`: a glob, or any part of a path from the root. Without patterns, all.
 * A pattern that matches nothing comes back in `unmatched`.
 */
export function findTests(patterns: readonly string[]): { files: string[]; unmatched: string[] } {
  const all = globSync(places, { cwd: root }).toSorted()
  if (patterns.length === 0) return { files: all, unmatched: [] }
  const matches = (file: string, pattern: string) => file.includes(pattern) || matchesGlob(file, pattern)
  return {
    files: all.filter((file) => patterns.some((pattern) => matches(file, pattern))),
    unmatched: patterns.filter((pattern) => !all.some((file) => matches(file, pattern))),
  }
}

/** Runs the files, a few at a time, and shows each one's outcomes when it ends. Never throws because of a test. */
export async function runSuites(files: readonly string[], tally: Tally): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'chatelaine-tests-'))
  const running = new Set<ChildProcess>()
  const stop = endWith(running)
  try {
    let index = 0
    const work = async (queue: Iterable<string>) => {
      for (const file of queue) {
        const report = join(scratch, `${(index += 1)}.jsonl`)
        const outcomes = await runFile(file, { report, running, deadlineMs: fileMsMax })
        print(`\n${file}`)
        for (const outcome of outcomes) note(tally, outcome, file)
      }
    }
    const isAlone = (file: string) => alone.some((pattern) => matchesGlob(file, pattern))
    const together = files.filter((file) => !isAlone(file)).values()
    await Promise.all(Array.from({ length: Math.min(filesAtOnceMax, availableParallelism()) }, () => work(together)))
    await work(files.filter(isAlone))
  } finally {
    stop()
    rmSync(scratch, { recursive: true, force: true })
  }
}

type Run = {
  /** Where the process of the file writes what happens. */
  readonly report: string
  readonly deadlineMs: number
  /** Whoever has to end all of a sudden finds here what else has to end. */
  readonly running: Set<ChildProcess>
}

/** What one file's tests came to. The file itself is a failure if it ends badly, or without a test. Never rejects. */
export async function runFile(file: string, { report, deadlineMs, running }: Run): Promise<Outcome[]> {
  const began = performance.now()
  const ended = await runProcess(file, { report, deadlineMs, running })
  const { outcomes, unfinished, remarks } = readReport(report)
  const failed = outcomes.some(({ kind }) => kind === 'fail')
  const ofFile = (problem: string): Outcome => ({
    kind: 'fail',
    title: problem,
    tookMs: performance.now() - began,
    detail: [...unfinished.map((title) => `not finished: ${title}`), ...remarks].join('\n'),
  })
  if (ended.late) outcomes.push(ofFile(`was still running after ${deadlineMs / 1_000} seconds and was ended`))
  else if (!failed && ended.how !== 'exit code 0') outcomes.push(ofFile(`ended with ${ended.how} outside its tests`))
  else if (!failed && unfinished.length > 0) outcomes.push(ofFile('ended before its tests did'))
  else if (outcomes.length === 0) outcomes.push(ofFile('holds no test'))
  return withOutput(outcomes, ended.output)
}

function runProcess(
  file: string,
  { report, deadlineMs, running }: Run,
): Promise<{ how: string; late: boolean; output: string }> {
  const reporter = [`--test-reporter=${inRoot('tools/outcomes.ts')}`, `--test-reporter-destination=${report}`]
  // Present when these tools run inside a test of their own, where it would silence the tests of the file.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const child = spawn(process.execPath, [...reporter, file], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  return new Promise((resolve) => {
    let output = ''
    let late = false
    const keep = (chunk: Buffer) => (output = `${output}${chunk.toString()}`.slice(-outputCharsMax))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    const deadline = setTimeout(() => {
      late = true
      endGroup(child)
    }, deadlineMs)
    // A process that the file started and forgot holds the pipes open, so the group ends before they are waited for.
    child.on('exit', () => endGroup(child))
    child.on('close', (code, signal) => {
      clearTimeout(deadline)
      running.delete(child)
      resolve({ how: signal === null ? `exit code ${code}` : signal, late, output })
    })
  })
}

function readReport(report: string): { outcomes: Outcome[]; unfinished: string[]; remarks: string[] } {
  const outcomes: Outcome[] = []
  const unfinished: string[] = []
  const remarks: string[] = []
  for (const text of readFileSync(report, { encoding: 'utf8', flag: 'a+' }).split('\n')) {
    // The last line of a process that was killed may be cut short.
    if (!text.endsWith('}')) continue
    const line = JSON.parse(text) as Line
    if ('outcome' in line) outcomes.push(line.outcome)
    else if ('remark' in line) remarks.push(line.remark)
    else if ('begun' in line) unfinished.push(line.begun)
    else if (unfinished.includes(line.ended)) unfinished.splice(unfinished.lastIndexOf(line.ended), 1)
  }
  return { outcomes, unfinished, remarks }
}

/** What a file printed belongs to its first failure; a file that passes keeps quiet. Paths are given from the root. */
function withOutput(outcomes: readonly Outcome[], output: string): Outcome[] {
  const printed = output.trim() === '' ? '' : `\n\nthe file printed:\n${output.trim()}`
  const first = outcomes.findIndex(({ kind }) => kind === 'fail')
  return outcomes.map((outcome, index) => {
    if (outcome.kind !== 'fail') return outcome
    const detail = `${outcome.detail}${index === first ? printed : ''}`.trim()
    return { ...outcome, detail: detail.replaceAll(`${root}/`, '') }
  })
}

/** Ends every running file when this process is told to end. Returns what takes the handlers away again. */
function endWith(running: ReadonlySet<ChildProcess>): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const end = (signal: NodeJS.Signals) => {
    for (const child of running) endGroup(child)
    for (const name of signals) process.off(name, end)
    process.kill(process.pid, signal)
  }
  for (const name of signals) process.on(name, end)
  return () => {
    for (const name of signals) process.off(name, end)
  }
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
