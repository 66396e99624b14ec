// A file that holds a token: who may read it, how it is read, and how it is replaced.

import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isWellFormed, Secret } from '@chatelaine/token'
import { CredentialError } from './credential-error.ts'

/** The longest file that is looked into: a token and whatever blank stands around it. */
const tokenFileBytesMax = 1_024

/** What files with a token are best called: this ending is easily kept out of a repository. */
export const tokenFileEnding = '.token'

const privateMode = 0o600
const privateDirectoryMode = 0o700

/** Windows keeps no such modes; there a file is as private as its directory. */
const hasModes = process.platform !== 'win32'

/**
 * @returns `undefined` when there is no such file.
 * @throws CredentialError for one that others may read, that cannot be read, or that holds no token.
 */
export async function readTokenFile(file: string): Promise<Secret | undefined> {
  const text = await readPrivateText(file)
  return text === undefined ? undefined : tokenIn(text, `the file ${file}`)
}

/**
 * What somebody wrote down as a token. One newline at its end is what editors and `echo` add.
 * @param where in words for a sentence.
 * @throws CredentialError when it is no token.
 */
export function tokenIn(text: string, where: string): Secret {
  const token = text.replace(/\r?\n$/, '')
  if (isWellFormed(token)) return new Secret(token)
  throw new CredentialError(
    'not-a-token',
    `What ${where} holds is no token: it is mistyped, cut short, or has something around it.`,
    'Copy the token once more, whole and alone, or make a new one.',
  )
}

/**
 * Replaces the content of a file, whole: whoever reads it meanwhile finds the old or the new, and so does a crash.
 * What was not there is made, for its owner alone.
 */
export async function writeTokenFile(file: string, token: Secret): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: privateDirectoryMode })
  // A link stays one: what it leads to is replaced.
  const target = await realpath(file).catch(() => file)
  const draft = join(dirname(target), `${draftLead(target)}${randomUUID()}${tokenFileEnding}`)
  const handle = await open(draft, 'wx', privateMode)
  try {
    await handle.writeFile(`${token.reveal()}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, target)
  await syncDirectory(dirname(target))
}

/** Removes what processes left behind that were killed while they wrote. To be called by whoever alone writes the file. */
export async function removeDrafts(file: string): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const lead = draftLead(target)
  for (const name of await readdir(dirname(target))) {
    if (name.startsWith(lead) && name.endsWith(tokenFileEnding)) await rm(join(dirname(target), name), { force: true })
  }
}

/** A draft begins with a dot, so that nobody takes it for a token file, and ends so that git ignores it with the others. */
function draftLead(file: string): string {
  return `.${basename(file)}.draft-`
}

async function readPrivateText(file: string): Promise<string | undefined> {
  const handle = await opened(file)
  if (handle === undefined) return undefined
  try {
    // What is asked is the file that was opened, not what its name leads to by then.
    const status = await handle.stat()
    if (!status.isFile()) throw unreadable(file, 'is no ordinary file')
    if (hasModes && (status.mode & 0o077) !== 0) {
      throw new CredentialError(
        'readable-by-others',
        `The file ${file} can be read by others than its owner.`,
        `Run: chmod 600 '${file}'. Who could read it may have the token: make a new one if that matters.`,
      )
    }
    if (status.size > tokenFileBytesMax) throw unreadable(file, 'is too long to be a token')
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function opened(file: string) {
  try {
    // A pipe would have us wait for whoever writes into it.
    return await open(file, constants.O_RDONLY | (hasModes ? constants.O_NONBLOCK : 0))
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unreadable(file, 'cannot be opened', error)
  }
}

function unreadable(file: string, why: string, cause?: unknown): CredentialError {
  return new CredentialError('unreadable', `The file ${file} ${why}.`, 'Name another file.', cause)
}

/** A new or renamed file is safe only once the directory that names it is on the disk. */
async function syncDirectory(directory: string): Promise<void> {
  if (!hasModes) return
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
