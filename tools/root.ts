import { dirname, join } from 'node:path'

/** The directory of the repository. */
export const root = dirname(import.meta.dirname)

/** The absolute path of what `path` names from the root. */
export function inRoot(path: string): string {
  return join(root, path)
}
