import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Place } from './opened.ts'

/** Why processes cannot be limited here; `false` when they can. */
export const cannotLimit = spawnSync('prlimit', ['--version']).status === 0 ? false : 'prlimit (util-linux) is not here'

/** A program of these tests in a process of its own, whose files can be kept from growing while it runs. */
export interface LimitedProcess {
  /** What the program says next. */
  readonly said: () => Promise<unknown>
  /** Lets the program go on. */
  readonly tell: () => void
  /** Beyond this many bytes every write to a file fails, as on a full disk. */
  readonly limitFiles: (bytes: number | 'unlimited') => void
  readonly ended: () => Promise<number | null>
}

export function startLimited(context: TestContext, program: URL, place: Place): LimitedProcess {
  const { directory, journalDirectory, ringText } = place
  const child = spawn(process.execPath, [fileURLToPath(program)], {
    env: { ...process.env, PLACE: JSON.stringify({ directory, journalDirectory, ringText }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit') as Promise<[number | null]>
  context.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    said: async () => JSON.parse(String((await lines.next()).value)),
    tell: () => void child.stdin.write('\n'),
    limitFiles: (bytes) => void execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`]),
    ended: async () => (await exit)[0],
  }
}
