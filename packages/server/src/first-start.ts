import { closeSync, existsSync, openSync, rmSync } from 'node:fs'
import { read, schemas } from '@chatelaine/api'
import {
  createFirstAdministrator,
  Failure,
  issueBootstrapToken,
  operatorCaller,
  revokeToken,
  type Ports,
  type Token,
} from '@chatelaine/core'
import { dataFiles, journalFile, makePrivateDirectory } from '@chatelaine/storage/sqlite'
import type { Random } from '@chatelaine/token'
import type { KeyRing } from '@chatelaine/token/keys'
import type { Logger } from 'pino'
import type { Settings } from './config.ts'
import { makeMasterKeyUnlessThere, readMasterKey, requireMasterKey } from './master-key.ts'
import { OperatorError } from './operator-error.ts'
import { readPrivateFile, syncDirectoryOf, writeNewPrivateFile } from './private-file.ts'
import type { Service } from './service.ts'

/**
 * Makes the data directory and the master key unless they are there. Instances that share a database are given its key:
 * one that each of them made for itself would open nothing.
 * @returns the key ring.
 * @throws OperatorError when there is a database or a journal and its key is gone, when a shared one is missing, or when
 *   others may read it.
 * @throws StorageError `directory-open`.
 */
export function prepareFiles(settings: Settings, random: Random): KeyRing {
  makePrivateDirectory(settings.dataDirectory)
  const { database } = dataFiles(settings.dataDirectory)
  if (settings.databaseUrl !== undefined) requireMasterKey(settings.masterKeyFile)
  makeMasterKeyUnlessThere(settings.masterKeyFile, [database, journalFile(settings.journalDirectory)], random)
  return readMasterKey(settings.masterKeyFile)
}

/**
 * Gives a new deployment the bootstrap token and the administrator that the settings ask for, before it listens. On
 * every later start there is nothing to do, and the password file may be gone.
 * @throws OperatorError.
 */
export async function giveFirstCredentials(ports: Ports, settings: Settings, log: Logger): Promise<void> {
  if (settings.bootstrapTokenFile !== undefined) await writeBootstrapToken(ports, settings.bootstrapTokenFile, log)
  const { adminUsername: username, adminPasswordFile: passwordFile } = settings
  if (username !== undefined && passwordFile !== undefined)
    await createAdministrator(ports, username, passwordFile, log)
}

/**
 * The file gets its name when it is whole and its token in force, and only once. A mark stands beside it from before
 * the token is made until the file has its name: by it a start that was killed in between is told from one that never
 * came so far. A token that such a start made was handed to nobody; it ends, and another is made.
 */
async function writeBootstrapToken(ports: Ports, file: string, log: Logger): Promise<void> {
  const mark = `${file}.begun`
  const wasInterrupted = existsSync(mark)
  const isWritten = existsSync(file)
  const tokens = await someTokens(ports)
  const orphans = wasInterrupted && !isWritten ? tokens.filter(isUnusedBootstrapToken) : []
  for (const { id } of orphans)
    await revokeToken(ports, operatorCaller, id, { reason: 'its first start was interrupted' })
  const isEmpty = tokens.length === orphans.length && !(await hasAccounts(ports))
  if (isEmpty && isWritten) {
    throw new OperatorError(
      `the bootstrap token file ${file} exists, but the database is empty and knows no token`,
      'move the file away, or name another one in CHATELAINE_BOOTSTRAP_TOKEN_FILE',
    )
  }
  if (isEmpty) {
    closeSync(openSync(mark, 'a', 0o600))
    syncDirectoryOf(mark)
    // Of instances that start at once the database lets one issue it. Whoever begins again after an interruption begins
    // with the same tokens that nobody was handed.
    const key = ['bootstrap', ...orphans.map(({ id }) => id)].join(' ')
    const token = await issueBootstrapToken(ports, { key, request: key })
    if (token === undefined) log.info({ file }, 'another instance has issued the bootstrap token')
    else if (writeNewPrivateFile(file, token)) log.info({ file }, 'bootstrap token written')
    else throw new OperatorError(`somebody else wrote ${file} at the same time`)
  }
  rmSync(mark, { force: true })
}

/** The file of the bootstrap token, while what it holds is good: whoever has moved or revoked it needs no word about it. */
export async function goodBootstrapTokenFile({ settings, verifier }: Service): Promise<string | undefined> {
  const file = settings.bootstrapTokenFile
  if (file === undefined || !existsSync(file)) return undefined
  try {
    const token = readPrivateFile(file, 'the bootstrap token file')
    const { decision } = await verifier.verify(token.reveal().trim(), { kinds: ['manager'] })
    return decision.code === 'valid' ? file : undefined
  } catch {
    // Nothing depends on it once it was written, so it keeps nobody from starting.
    return undefined
  }
}

const someMax = 100

/** So many tokens as a database that counts as empty can have, and more of one that does not. */
async function someTokens(ports: Ports): Promise<readonly Token[]> {
  const query = { sort: 'created_at', descending: false, limit: someMax, now: ports.clock.now() } as const
  return (await ports.tokens.list(query)).items
}

async function hasAccounts(ports: Ports): Promise<boolean> {
  return (await ports.accounts.list({ limit: 1 })).items.length > 0
}

function isUnusedBootstrapToken({ kind, label, createdBy, parentTokenId, use }: Token): boolean {
  return (
    kind === 'manager' && label === 'bootstrap' && createdBy === null && parentTokenId === null && use.firstAt === null
  )
}

async function createAdministrator(ports: Ports, username: string, passwordFile: string, log: Logger): Promise<void> {
  if (await ports.accounts.hasAdministrator()) return
  const what = 'the administrator password file'
  // Editors end a file with a new line, which is no part of the password.
  const password = readPrivateFile(passwordFile, what)
    .reveal()
    .replace(/\r?\n$/, '')
  const ask = read(schemas.AccountCreate, { username, password })
  if (!ask.ok) {
    throw new OperatorError(`${what} ${passwordFile} cannot be used: the password ${ask.faults[0]!.detail}`)
  }
  try {
    const { id } = await createFirstAdministrator(ports, operatorCaller, { username, password })
    log.info({ accountId: id }, 'first administrator made')
  } catch (error) {
    // Another instance that starts at the same time has made one.
    if (error instanceof Failure && error.key === 'set-up-closed') return
    if (error instanceof Failure) throw new OperatorError(error.message, undefined, error)
    throw error
  }
}
