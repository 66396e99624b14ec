import { authorise, requireWhole, type Reach } from '../access/authorise.ts'
import type { Caller } from '../domain/caller.ts'
import { actions, type LogEntry } from './change.ts'
import { fieldFailure } from '../domain/failure.ts'
import { isTokenId } from '../domain/id.ts'
import type { LogExport, LogFilters, LogQuery, Page, Ports } from '../ports.ts'

/**
 * The log for people, newest first: all of it, or what concerns the caller's own account or project.
 * @throws `scope-missing`, `invalid-request` for filters that nothing can fit.
 */
export async function readAudit(
  ports: Ports,
  caller: Caller,
  query: Omit<LogQuery, 'concerning'>,
): Promise<Page<LogEntry>> {
  const isOfToken = query.subjectId !== undefined && isTokenId(query.subjectId)
  const reach = authorise(caller, isOfToken ? 'audit.read-token' : 'audit.read')
  requireSense(query)
  return readWithin(ports, reach, query)
}

const pageEntriesMax = 200

/**
 * The same, whole: each page is read when the one before was taken. It ends with the log as it is now, since what comes
 * later is newer than its first entry.
 * @throws like `readAudit`, before the first entry.
 */
export async function listAudit(ports: Ports, caller: Caller, filters: LogFilters): Promise<AsyncIterable<LogEntry>> {
  const reach = authorise(caller, 'audit.read')
  requireSense(filters)
  const query = { ...filters, limit: pageEntriesMax }
  const first = await readWithin(ports, reach, query)
  return (async function* () {
    for (let page = first; ; page = await readWithin(ports, reach, { ...query, after: page.next })) {
      yield* page.items
      if (page.next === undefined) return
    }
  })()
}

/**
 * The log with its proof, oldest first. The proof shows when what happened, if not what it was, so it is for those who
 * may read everything.
 * @throws `scope-missing`, `not-permitted`, `invalid-request` for filters that nothing can fit.
 */
export async function exportAudit(ports: Ports, caller: Caller, filters: LogFilters): Promise<LogExport> {
  requireWhole(authorise(caller, 'audit.read'), 'export the log with its proof; what concerns you can be had as CSV')
  requireSense(filters)
  const exported = await ports.log.export(filters, ports.clock.now())
  await ports.freshness.reach(exported.beginning.extent.lastSeq)
  return exported
}

async function readWithin(ports: Ports, reach: Reach, query: LogQuery): Promise<Page<LogEntry>> {
  const page = await ports.log.read(reach.whole ? query : { ...query, concerning: reach.accountId ?? reach.projectId })
  // Whoever reads here that something was taken away may rely on it.
  await ports.freshness.reach(page.items[0]?.seq ?? 0)
  return page
}

/** A filter that nothing can ever fit is a mistake, and an empty answer would hide it. */
function requireSense({ action, from, until }: LogFilters): void {
  if (action !== undefined && !Object.hasOwn(actions, action)) {
    throw fieldFailure('/action', 'is none that the log knows; token.revoked is one')
  }
  if (from !== undefined && until !== undefined && from >= until) {
    throw fieldFailure('/until', 'must be later than from')
  }
}
