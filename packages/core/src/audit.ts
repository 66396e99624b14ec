import { authorise } from './authorise.ts'
import type { Caller } from './caller.ts'
import type { LogEntry } from './change.ts'
import type { LogQuery, Page, Ports } from './ports.ts'

/**
 * The log for people, newest first: all of it, or what concerns the caller's own account.
 * @throws `scope-missing`.
 */
export async function readAudit(
  ports: Ports,
  caller: Caller,
  query: Omit<LogQuery, 'concerning'>,
): Promise<Page<LogEntry>> {
  const reach = authorise(caller, 'audit.read')
  const page = await ports.log.read(reach.whole ? query : { ...query, concerning: reach.accountId ?? reach.projectId })
  // Whoever reads here that something was taken away may rely on it.
  await ports.freshness.reach(page.items[0]?.seq ?? 0)
  return page
}
