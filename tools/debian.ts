// Programs that tests need and npm does not have: the machine's own, or else those of Debian's packages, unpacked into a
// cache of the project. Nothing is installed, and it takes neither root nor a change to the system.

import { execFileSync } from 'node:child_process'
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { inRoot } from './root.ts'

/** A program that can be started. */
export interface Program {
  readonly path: string
  /** What its environment must have besides: where the libraries are that came with it. */
  readonly env: Readonly<Record<string, string>>
}

/** Where a program is, if the machine does not have it. */
interface Packaged {
  /** Names of packages: the program's, and those of libraries that a small system may lack. */
  readonly packages: readonly string[]
  /** Of the program inside the packages. */
  readonly path: string
}

/** How long a package may take to arrive. */
const downloadMsMax = 120_000

/**
 * The machine's program of this name, or that of the packages, which are fetched once by `apt-get` from where the machine
 * is set up to get its packages.
 * @returns why there is none, as words to end a sentence with, on systems without Debian's tools or without its packages.
 */
export function findProgram(name: string, packaged: Packaged): Program | string {
  const installed = systemDirectories().map((directory) => join(directory, name))
  const own = installed.find(isExecutable)
  if (own !== undefined) return { path: own, env: {} }
  const unpacked = inRoot(`node_modules/.cache/debian/${name}`)
  try {
    if (!existsSync(unpacked)) unpack(packaged.packages, unpacked)
  } catch (error) {
    return `neither this machine nor Debian's packages have ${name}: ${firstLine(error)}`
  }
  const library = join(unpacked, 'usr/lib')
  const libraries = existsSync(library) ? readdirSync(library).map((directory) => join(library, directory)) : []
  return { path: join(unpacked, packaged.path), env: { LD_LIBRARY_PATH: libraries.join(delimiter) } }
}

/** Services are often kept where the path of an ordinary user does not lead. */
function systemDirectories(): string[] {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Whole or not at all: two that do it at the same time do not meet, and one that breaks off leaves nothing. */
function unpack(packages: readonly string[], target: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'chatelaine-debian-'))
  try {
    const archives = download(packages, scratch)
    for (const archive of archives) run('dpkg-deb', ['--extract', archive, join(scratch, 'unpacked')], scratch)
    moveInto(join(scratch, 'unpacked'), target)
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function download(packages: readonly string[], scratch: string): string[] {
  try {
    run('apt-get', ['download', ...asUser, ...packages], scratch)
  } catch {
    // The machine's own lists of packages are missing or old, so the current ones are fetched beside them.
    for (const part of ['state/lists/partial', 'cache/archives/partial'])
      mkdirSync(join(scratch, part), { recursive: true })
    const places = {
      State: join(scratch, 'state'),
      'State::status': '/var/lib/dpkg/status',
      Cache: join(scratch, 'cache'),
    }
    const beside = [...asUser, ...Object.entries(places).flatMap(([name, place]) => ['-o', `Dir::${name}=${place}`])]
    run('apt-get', ['update', ...beside], scratch)
    run('apt-get', ['download', ...beside, ...packages], scratch)
  }
  return readdirSync(scratch)
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(scratch, name))
}

/** Root would hand the download to a user who may not write here. */
const asUser = ['-o', 'APT::Sandbox::User=root']

function run(command: string, args: readonly string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: downloadMsMax })
}

function moveInto(from: string, target: string): void {
  const beside = `${target}.${process.pid}`
  // Not a rename, since the directory for temporary files is often on another disk.
  cpSync(from, beside, { recursive: true, verbatimSymlinks: true })
  try {
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { recursive: true })
    if (!existsSync(target)) throw error
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 2).join(' ')
}
