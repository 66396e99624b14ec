import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { makePlace } from './opened.ts'

// A limit on the size of files makes writes fail as a full disk does, and can be lifted while the process runs.
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0
const skip = hasPrlimit ? false : 'prlimit (util-linux) is not on this machine'

test(
  'on a full disk changes are refused, reading goes on, and writing comes back with the space',
  { skip },
  async (context) => {
    const { directory, journalDirectory, ringText } = await makePlace(context)
    const program = fileURLToPath(new URL('./disk-full-program.ts', import.meta.url))
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, PLACE: JSON.stringify({ directory, journalDirectory, ringText }) },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    context.after(() => child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const said = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string)
    const limitFiles = (bytes: string): Buffer =>
      execFileSync('prlimit', ['--pid', String(child.pid), `--fsize=${bytes}:`])
    const tell = (): void => void child.stdin.write('\n')

    assert.equal(await said(), 'open')
    limitFiles('4000000')
    tell()
    const full = (await said()) as { written: number; refusal: string; found: number; foundRefused: boolean }
    assert.ok(full.written > 10, 'some were written before it was full')
    assert.equal(full.refusal, 'unavailable')
    assert.equal(full.found, full.written, 'all that were answered are there')
    assert.equal(full.foundRefused, false)
    limitFiles('unlimited')
    tell()
    assert.deepEqual(await said(), { written: full.written + 1, found: full.written + 1 })
    tell()
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  },
)
