import type { AnswerOf } from '@chatelaine/api'
import { formatInstant, formatPosition, readAudit, type LogEntry } from '@chatelaine/core'
import type { Service } from '../service.ts'
import { cursorOf, pageStart } from './cursor.ts'
import type { Handlers } from './handler.ts'

/** `/api/v1/audit`. */
export function audit({ ports }: Service): Handlers<'listAuditEntries'> {
  return {
    async listAuditEntries({ caller, query }) {
      const list = { name: 'audit', caller, query }
      const page = await readAudit(ports, caller, {
        ...(query.actor === undefined ? {} : { actorId: query.actor }),
        ...(query.subject === undefined ? {} : { subjectId: query.subject }),
        ...(query.action === undefined ? {} : { action: query.action }),
        ...(query.from === undefined ? {} : { from: query.from }),
        ...(query.until === undefined ? {} : { until: query.until }),
        limit: query.limit,
        ...pageStart(ports.keys, list),
      })
      const data = page.items.map(entryJson)
      return { status: 200, body: { data, next_cursor: cursorOf(ports.keys, list, page.next) } }
    },
  }
}

function entryJson(entry: LogEntry): AnswerOf<'listAuditEntries', 200>['data'][number] {
  const { actor } = entry
  return {
    seq: formatPosition(entry),
    at: formatInstant(entry.at),
    actor: {
      type: actor.type,
      account_id: actor.accountId,
      token_id: actor.tokenId,
      ip: actor.ip,
      client: actor.client,
    },
    action: entry.action,
    effect: entry.effect,
    subject: { type: entry.subject.type, id: entry.subject.id },
    details: entry.details,
  }
}
