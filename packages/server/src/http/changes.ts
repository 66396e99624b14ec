import { formatInstant, formatPosition, parsePosition, type FeedAnswer, type FeedEntry } from '@chatelaine/core'
import type { AnswerOf } from '@chatelaine/api'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'

/** `/api/v1/changes`. */
export function changes({ feed }: Service): Handlers<'readChanges'> {
  return {
    async readChanges({ caller, query }) {
      const answer = await feed.read(caller, {
        verifierId: query.verifier,
        since: query.since === undefined ? undefined : parsePosition(query.since),
        leaseMs: query.lease_ms,
        waitMs: query.wait_ms,
      })
      return { status: 200, body: feedJson(answer) }
    },
  }
}

type FeedJson = AnswerOf<'readChanges', 200>

function feedJson({ isResync, entries, position, leaseMs, answeredAt }: FeedAnswer): FeedJson {
  return {
    resync: isResync,
    entries: entries.map(entryJson),
    position: formatPosition(position),
    lease_ms: leaseMs,
    answered_at: formatInstant(answeredAt),
  }
}

function entryJson({ seq, subjectType, subjectId, effect }: FeedEntry): FeedJson['entries'][number] {
  return { seq, subject_type: subjectType, subject_id: subjectId, effect }
}
