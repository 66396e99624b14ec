import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { plant } from '../../tests/cli/planted.ts'
import { alternate, ratiosOf, spreadOf } from '../rounds.ts'
import type { Scene } from '../scene.ts'
import { spoken, type Line } from '../table.ts'

const command = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const fileCount = 20_000
const tokenCount = 1_000

/** What a search without the checksum goes by. It finds neither what is in base64 nor what is in UTF-16. */
const pattern = '[a-z][a-z0-9]{1,15}_(acc|prj|mgr)_[0-9A-Za-z]{54}'

/** How long the command takes to start, and to look through a tree of files, beside a search for the same pattern. */
export async function scan(scene: Scene): Promise<Line[]> {
  const tree = scene.emptyDirectory()
  plant(tree, fileCount, tokenCount, (count) => randomBytes(count))
  const { search, name } = searcher(tree)
  const { start, ours, theirs } = await alternate(scene.roundCount, {
    start: () => tookMs(process.execPath, [command, '--version'], 0),
    ours: () => tookMs(process.execPath, [command, 'scan', '--offline', tree], 1),
    theirs: () => tookMs(...search, 0),
  })
  const filesEachSecond = (times: readonly number[]) => times.map((ms) => (fileCount / ms) * 1_000)
  return [
    { what: 'chatelaine --version, from start to end', unit: 'ms', spread: spreadOf(start), goal: { atMost: 200 } },
    {
      what: `chatelaine scan, ${spoken(fileCount)} files with ${spoken(tokenCount)} tokens`,
      unit: 'a second',
      spread: spreadOf(filesEachSecond(ours)),
      goal: { atLeast: 2_000 },
    },
    { what: `${name} with the same pattern`, unit: 'a second', spread: spreadOf(filesEachSecond(theirs)) },
    { what: '… against that, in time', unit: 'times', spread: ratiosOf(ours, theirs) },
  ]
}

/** ripgrep where there is one, told to leave nothing out; else what every system has. */
function searcher(tree: string): { name: string; search: [string, string[]] } {
  if (spawnSync('rg', ['--version']).status === 0) {
    return { name: 'ripgrep', search: ['rg', ['--no-ignore', '--hidden', '--count', pattern, tree]] }
  }
  return { name: 'grep', search: ['grep', ['-rIEc', pattern, tree]] }
}

async function tookMs(program: string, args: readonly string[], code: number): Promise<number> {
  const began = performance.now()
  const child = spawn(program, args, { stdio: 'ignore' })
  const [ended] = (await once(child, 'exit')) as [number | null]
  if (ended !== code) throw new Error(`${program} ended with ${ended}`)
  return performance.now() - began
}
