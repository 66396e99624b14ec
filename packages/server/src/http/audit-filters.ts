import type { QueryOf } from '@chatelaine/api'
import type { LogFilters } from '@chatelaine/core'
import { saidBy, type Meanings } from './given.ts'

type Filters = Omit<QueryOf<'exportAudit'>, 'format'>

/** What both ways of reading the log may ask for, by the names of the domain. */
export function logFilters(query: Filters): LogFilters {
  return saidBy(query, meanings)
}

const meanings: Meanings<Filters, LogFilters> = {
  actor: (actorId) => ({ actorId }),
  subject: (subjectId) => ({ subjectId }),
  action: (action) => ({ action }),
  from: (from) => ({ from }),
  until: (until) => ({ until }),
}
