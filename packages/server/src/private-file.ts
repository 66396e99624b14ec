import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Secret } from '@chatelaine/token'
import { OperatorError } from './operator-error.ts'

// Files that hold a secret: the master key, the first administrator's password, the bootstrap token.

const privateMode = 0o600

/** Windows keeps no such modes; there a file is as private as its directory. */
const hasModes = process.platform !== 'win32'

/**
 * @param what the file, in words for a sentence: "the master key file"
 * @throws OperatorError when there is no such file, or when others than its owner may read it.
 */
export function readPrivateFile(file: string, what: string): Secret {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode
  if (mode === undefined) throw new OperatorError(`${what} ${file} does not exist`)
  if (hasModes && (mode & 0o077) !== 0) {
    throw new OperatorError(`${what} ${file} can be read by others than its owner`, `run: chmod 600 '${file}'`)
  }
  return new Secret(readFileSync(file, 'utf8'))
}

/**
 * Writes a file that was not there, whole and on the disk, or not at all.
 * @returns `false`, and nothing was written, when there is one already.
 */
export function writeNewPrivateFile(file: string, text: Secret): boolean {
  const draft = `${file}.${process.pid}.new`
  // A draft under our own process id is one that a process before us left when it was killed.
  rmSync(draft, { force: true })
  writeDraft(draft, text)
  try {
    // A link, since a rename would replace what somebody else wrote meanwhile.
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft)
  }
  syncDirectoryOf(file)
  return true
}

/**
 * Replaces a file's content, whole: whoever reads it meanwhile finds the old or the new, and so does a crash.
 * @throws OperatorError while another process replaces the same file.
 */
export function replacePrivateFile(file: string, text: Secret): void {
  const draft = `${file}.new`
  try {
    writeDraft(draft, text)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new OperatorError(
      `${draft} exists, so another command is replacing ${file}, or one was interrupted`,
      'when no other command runs, remove it and repeat yours',
    )
  }
  renameSync(draft, file)
  syncDirectoryOf(file)
}

/** A new or renamed file is safe only once the directory that names it is on the disk. */
export function syncDirectoryOf(file: string): void {
  if (!hasModes) return
  const descriptor = openSync(dirname(file), 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function writeDraft(draft: string, text: Secret): void {
  const descriptor = openSync(draft, 'wx', privateMode)
  try {
    writeSync(descriptor, text.reveal())
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
