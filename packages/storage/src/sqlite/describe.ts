import type { DatabaseFacts } from '../sql/database-facts.ts'
import type { Reads } from '../sql/read/reads.ts'
import { get } from '../sql/steps.ts'

// With what is in the write-ahead log and not in the file yet.
const factsSql =
  'SELECT sqlite_version() AS version, page_count * page_size AS size FROM pragma_page_count, pragma_page_size'

/** @throws `unavailable` (rejects). */
export async function describeSqlite(reads: Reads): Promise<DatabaseFacts> {
  const row = await reads.read(get(factsSql))
  return { kind: 'sqlite', version: String(row?.version), sizeBytes: Number(row?.size) }
}
