import { dirname, join } from 'node:path'

/** The directory of the repository. */
export const root = dirname(import.meta.dirname)

export function inRoot(path: string): string {
  return join(root, path)
}
