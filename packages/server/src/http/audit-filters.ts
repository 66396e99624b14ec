import type { QueryOf } from '@chatelaine/api'
import type { LogFilters } from '@chatelaine/core'

/** What both ways of reading the log may ask for, by the names of the domain. */
export function logFilters(query: Omit<QueryOf<'exportAudit'>, 'format'>): LogFilters {
  const { actor, subject, action, from, until } = query
  return {
    ...(actor === undefined ? {} : { actorId: actor }),
    ...(subject === undefined ? {} : { subjectId: subject }),
    ...(action === undefined ? {} : { action }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  }
}
