// Data directories with many tokens, made once and kept for the next run.

import { createHash } from 'node:crypto'
import { constants, cpSync, existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inRoot, root } from '../tools/root.ts'
import { cacheDirectory } from './cache.ts'
import { fill, filledFiles } from './fill.ts'

/** A data directory, and what was put into it. */
export interface FilledData {
  readonly directory: string
  /** May do everything. */
  readonly managerToken: string
  /** All that own tokens. */
  readonly accountIds: readonly string[]
  /** So many of the tokens, from this one on. */
  readonly tokens: (from: number, count: number) => string[]
}

/** Copies a directory with so many tokens to `target`, which must not exist. The first time it is made, which takes a while. */
export async function copyFilled(tokenCount: number, target: string): Promise<FilledData> {
  const filled = join(cacheDirectory, `${tokenCount}-tokens-${versionOfSchema()}`)
  if (!existsSync(filled)) {
    for (const older of globSync(join(cacheDirectory, `${tokenCount}-tokens-*`))) rmSync(older, { recursive: true })
    const unfinished = `${filled}.unfinished`
    rmSync(unfinished, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true, mode: 0o700 })
    await fill(unfinished, tokenCount)
    renameSync(unfinished, filled)
  }
  copyPrivately(filled, target)
  const lines = (file: string) => readFileSync(join(filled, file), 'utf8').split('\n')
  return {
    directory: join(target, filledFiles.data),
    managerToken: readFileSync(join(filled, filledFiles.manager), 'utf8').trim(),
    accountIds: lines(filledFiles.accounts),
    tokens: (from, count) => lines(filledFiles.tokens).slice(from, from + count),
  }
}

/** Directories are copied without their mode, and the server starts in none that others may enter. */
function copyPrivately(from: string, target: string): void {
  const usual = process.umask(0o077)
  try {
    cpSync(from, target, { recursive: true, mode: constants.COPYFILE_FICLONE })
  } finally {
    process.umask(usual)
  }
}

/** Changes with whatever decides how rows are written. */
function versionOfSchema(): string {
  const files = globSync(
    [
      'packages/storage/src/sqlite/schema.ts',
      'packages/storage/src/sql/schema.ts',
      'packages/storage/src/sql/seal.ts',
      'packages/storage/src/sql/tables/*.ts',
      'bench/{fill,patterns}.ts',
    ],
    { cwd: root },
  )
  const hash = createHash('sha256')
  for (const file of files.toSorted()) hash.update(readFileSync(inRoot(file)))
  return hash.digest('hex').slice(0, 12)
}
