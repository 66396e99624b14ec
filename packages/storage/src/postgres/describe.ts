import type { DatabaseFacts } from '../sql/database-facts.ts'
import type { Reads } from '../sql/read/reads.ts'
import { get } from '../sql/steps.ts'

const factsSql = "SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size"

/** @throws `unavailable` (rejects). */
export async function describePostgres(reads: Reads): Promise<DatabaseFacts> {
  const row = await reads.read(get(factsSql))
  return { kind: 'postgresql', version: String(row?.version), sizeBytes: Number(row?.size) }
}
