import { setImmediate } from 'node:timers/promises'
import {
  entryJson,
  exportAudit,
  Failure,
  formatBeginning,
  formatExportLine,
  listAudit,
  type LogEntry,
  type LogExport,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { logFilters } from './audit-filters.ts'
import { csvRecord } from './csv.ts'
import type { Handler } from './handler.ts'

/** Each reads the whole log beside the verifications. */
export const exportsAtOnceMax = 4

const retryAfterSeconds = 10

/** So many characters are sent in one go, at least. */
const pieceCharsMin = 32_768

/** `GET /api/v1/audit/export`: written as it is read, and read no faster than its reader takes it. */
export function auditExport({ ports, log }: Service): Handler<'exportAudit'> {
  let underWay = 0

  /** Counted from the first piece on, since whoever asks for the head alone takes none. */
  async function* counted(texts: AsyncIterable<string>): AsyncGenerator<string> {
    underWay += 1
    try {
      yield* inPieces(texts)
    } catch (error) {
      // The answer has begun, so that all its reader sees is that it breaks off.
      log.warn({ err: error }, 'export broken off')
      throw error
    } finally {
      underWay -= 1
    }
  }

  return async ({ caller, query }) => {
    if (underWay >= exportsAtOnceMax) {
      throw new Failure('unavailable', `${exportsAtOnceMax} exports are under way already. Wait for one to end.`, {
        retryAfterSeconds,
      })
    }
    const filters = logFilters(query)
    const isCsv = query.format === 'csv'
    const texts = isCsv
      ? csv(await listAudit(ports, caller, filters))
      : jsonLines(await exportAudit(ports, caller, filters))
    const day = new Date(ports.clock.now()).toISOString().slice(0, 10)
    return {
      status: 200,
      body: counted(texts),
      headers: {
        'content-type': isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl',
        'content-disposition': `attachment; filename="audit-${day}${isCsv ? '-unverifiable.csv' : '.jsonl'}"`,
        'x-chatelaine-verifiable': isCsv ? 'no' : 'yes',
      },
    }
  }
}

async function* jsonLines({ beginning, lines }: LogExport): AsyncGenerator<string> {
  yield `${formatBeginning(beginning)}\n`
  for await (const line of lines) yield `${formatExportLine(line)}\n`
}

const columns = [
  'seq',
  'at',
  'actor_type',
  'actor_account_id',
  'actor_token_id',
  'actor_ip',
  'actor_client',
  'action',
  'effect',
  'subject_type',
  'subject_id',
  'details',
  'verifiable',
] as const

/** Says of every row that nothing vouches for it, for whoever has the file without the answer that it came in. */
const notVerifiable = 'no'

async function* csv(entries: AsyncIterable<LogEntry>): AsyncGenerator<string> {
  yield csvRecord(columns)
  for await (const entry of entries) {
    const { seq, at, actor, action, effect, subject, details } = entryJson(entry)
    const by = [actor.type, actor.account_id ?? '', actor.token_id ?? '', actor.ip ?? '', actor.client ?? '']
    yield csvRecord([seq, at, ...by, action, effect, subject.type, subject.id, JSON.stringify(details), notVerifiable])
  }
}

/** A write for each line would cost more than the line. Between two pieces everybody else has a turn. */
async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const text of texts) {
    piece += text
    if (piece.length < pieceCharsMin) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  if (piece !== '') yield piece
}
