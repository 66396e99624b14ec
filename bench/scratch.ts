import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheDirectory } from './cache.ts'
import { copyFilled } from './filled-data.ts'
import type { Scene } from './scene.ts'

/** A scene whose directories are all gone after `close`. */
export function openScene(
  pace: Pick<Scene, 'roundCount' | 'measuredMs' | 'warmUpMs' | 'manyTokens'>,
): Scene & { close(): void } {
  mkdirSync(cacheDirectory, { recursive: true })
  const scratch = mkdtempSync(join(cacheDirectory, 'run-'))
  let directoryCount = 0
  const nextPath = () => join(scratch, String((directoryCount += 1)))
  return {
    ...pace,
    dataWith: (tokenCount) => copyFilled(tokenCount, nextPath()),
    emptyDirectory() {
      const path = nextPath()
      mkdirSync(path)
      return path
    },
    close: () => rmSync(scratch, { recursive: true, force: true }),
  }
}
