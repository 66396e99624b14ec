import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const root = fileURLToPath(new URL('../', import.meta.url))
const consoleDirectory = join(root, 'packages/console')
const built = join(consoleDirectory, 'dist')

/** The console, and the element beside it, whose entry and parts join the console's. */
const configs = ['vite.config.ts', 'vite.embed.config.ts']

/** What both are built from. */
const sources = ['packages/console/src', 'packages/sdk/src', 'packages/token/src']
const sourceFiles = [
  'packages/console/index.html',
  'packages/console/vite.config.ts',
  'packages/console/vite.embed.config.ts',
  'packages/server/pages/controls.css',
  'packages/server/pages/look.css',
  'package-lock.json',
  'tools/build-console.ts',
]

/**
 * Builds the console unless what is there was built from what stands now. Two starts at once build twice, and the last
 * one's files stay, since each puts them into place whole.
 */
export function buildConsole(): void {
  const wanted = hashOfSources()
  if (isBuiltFrom(wanted)) return
  process.stderr.write('chatelaine: building the console, which takes a few seconds\n')
  const made = join(consoleDirectory, `node_modules/.building-${process.pid}`)
  mkdirSync(made, { recursive: true })
  for (const config of configs) runVite(config, made)
  packFiles(made)
  writeFileSync(join(made, 'built-from'), wanted)
  rmSync(built, { recursive: true, force: true })
  try {
    renameSync(made, built)
  } catch (error) {
    rmSync(made, { recursive: true, force: true })
    if (!isBuiltFrom(wanted)) throw error
  }
}

function runVite(config: string, directory: string): void {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const options = ['--config', config, '--outDir', directory, '--emptyOutDir', 'false', '--logLevel', 'warn']
  const { status } = spawnSync(process.execPath, [vite, 'build', ...options], {
    cwd: consoleDirectory,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error('the console could not be built: what is wrong stands above')
}

function isBuiltFrom(wanted: string): boolean {
  const mark = join(built, 'built-from')
  return existsSync(mark) && readFileSync(mark, 'utf8') === wanted
}

/** Puts beside each file what the server sends of it where gzip is understood, so that no start has to pack it. */
function packFiles(directory: string): void {
  for (const file of filesBelow(directory)) writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }))
}

/** Contents are compared, not times: a clone gives every file the time of the clone. */
function hashOfSources(): string {
  const hash = createHash('sha256')
  const inFolders = sources.flatMap((folder) => filesBelow(join(root, folder)).map((file) => file.slice(root.length)))
  for (const file of [...inFolders.toSorted(), ...sourceFiles]) {
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}
