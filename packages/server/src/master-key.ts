import { existsSync } from 'node:fs'
import type { Random } from '@chatelaine/token'
import { KeyRing, KeyRingError } from '@chatelaine/token/keys'
import { OperatorError } from './operator-error.ts'
import { readPrivateFile, replacePrivateFile, writeNewPrivateFile } from './private-file.ts'

const what = 'the master key file'

/**
 * Makes the master key of a new deployment. An existing file is never written to.
 * @param evidence files that show that there was a key before: the database, the journal.
 * @throws OperatorError when there was a key before and it is gone, since a new one would verify nothing.
 */
export function makeMasterKeyUnlessThere(file: string, evidence: readonly string[], random: Random): void {
  if (existsSync(file)) return
  const made = evidence.find((path) => existsSync(path))
  if (made !== undefined) {
    throw new OperatorError(
      `${what} ${file} is missing, and ${made} was made with one`,
      'put the file back: without it no token of this deployment can be verified',
    )
  }
  writeNewPrivateFile(file, KeyRing.generate(random).toText())
}

/** @throws OperatorError when there is no file, though other instances may have it. */
export function requireMasterKey(file: string): void {
  if (existsSync(file)) return
  throw new OperatorError(
    `${what} ${file} does not exist, and every instance on one database needs the same`,
    `copy that of another instance, or for the first one run: (umask 077; openssl rand -base64 32 > '${file}')`,
  )
}

/** @throws OperatorError when the file is missing, readable by others, or no key ring. */
export function readMasterKey(file: string): KeyRing {
  const text = readPrivateFile(file, what)
  return explained(file, () => KeyRing.parse(text.reveal()))
}

/** Puts another ring in the place of the one in the file. */
export function replaceMasterKey(file: string, ring: KeyRing): void {
  replacePrivateFile(file, ring.toText())
}

/** Does something with the keys of a file, and says of which file a fault was. */
export function explained<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error
    throw new OperatorError(`${what} ${file} cannot be used: ${error.message}`, undefined, error)
  }
}
