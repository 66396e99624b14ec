import { Connection } from '../connection.ts'
import { isDamage } from '../sqlite-fault.ts'

/**
 * What is wrong with a database file, as SQLite words it; `undefined` when it is sound. It reads the whole file
 * (https://sqlite.org/pragma.html#pragma_quick_check).
 */
export function findDamage(file: string): string | undefined {
  try {
    const connection = Connection.openReader(file)
    try {
      const [first] = connection.all('PRAGMA quick_check(1)')
      const verdict = String(Object.values(first ?? {})[0])
      return verdict === 'ok' ? undefined : verdict
    } finally {
      connection.close()
    }
  } catch (error) {
    if (isDamage(error) && error instanceof Error) return error.message
    throw error
  }
}
