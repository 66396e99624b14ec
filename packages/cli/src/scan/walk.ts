import { readdirSync, statSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'

/**
 * Every ordinary file under the paths, depth first. Links are not followed, and what git keeps for itself is left out:
 * there everything is compressed, and `--history` reads it.
 * @param excluded globs of names, or of paths below what was named.
 * @throws the system's own error for a path that is not there; directories that cannot be read are passed over.
 */
export function* walk(paths: readonly string[], excluded: readonly string[]): Generator<string> {
  for (const path of paths) {
    if (statSync(path).isDirectory()) yield* walkDirectory(path, '', excluded)
    else yield path
  }
}

function* walkDirectory(root: string, below: string, excluded: readonly string[]): Generator<string> {
  const directory = join(root, below)
  for (const entry of entriesOf(directory)) {
    const inner = below === '' ? entry.name : `${below}/${entry.name}`
    if (excluded.some((glob) => matchesGlob(entry.name, glob) || matchesGlob(inner, glob))) continue
    if (entry.isFile()) yield join(directory, entry.name)
    else if (entry.isDirectory() && entry.name !== '.git') yield* walkDirectory(root, inner, excluded)
  }
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}
