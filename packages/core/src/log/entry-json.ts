import type { Actor } from '../domain/caller.ts'
import { formatPosition, type LogEntry, type Position, type Subject } from './change.ts'
import { isJsonObject, type Json, type JsonObject } from '../domain/json.ts'
import { formatInstant } from '../domain/time.ts'

/** An entry of the log as everybody outside sees it: so the API shows it, so it is exported, and so it is hashed. */
export interface EntryJson {
  /** Its place, `<epoch>.<seq>`. */
  readonly seq: string
  /** RFC 3339, UTC, with milliseconds. */
  readonly at: string
  readonly actor: {
    readonly type: Actor['type']
    readonly account_id: Actor['accountId']
    readonly token_id: Actor['tokenId']
    readonly ip: string | null
    readonly client: string | null
  }
  readonly action: LogEntry['action']
  readonly effect: LogEntry['effect']
  readonly subject: Subject
  readonly details: JsonObject
}

export function entryJson(entry: LogEntry): EntryJson {
  const { at, actor, action, effect, subject, details } = entry
  return {
    seq: formatPosition(entry),
    at: formatInstant(at),
    actor: {
      type: actor.type,
      account_id: actor.accountId,
      token_id: actor.tokenId,
      ip: actor.ip,
      client: actor.client,
    },
    action,
    effect,
    subject: { type: subject.type, id: subject.id },
    details,
  }
}

/**
 * The entry that is shown like this; `undefined` for what shows none. What an entry does not have is passed over, so
 * that whoever must know whether a text says more compares it with `entryJson` of what was read.
 */
export function readEntryJson(json: Json | undefined): LogEntry | undefined {
  if (!isJsonObject(json)) return undefined
  const { seq, at, actor, action, effect, subject, details } = json
  const position = readPosition(seq)
  const instant = typeof at === 'string' ? Date.parse(at) : Number.NaN
  if (position === undefined || Number.isNaN(instant)) return undefined
  if (!isJsonObject(actor) || !isJsonObject(subject) || !isJsonObject(details)) return undefined
  return {
    ...position,
    at: instant,
    actor: {
      type: actor.type,
      accountId: actor.account_id,
      tokenId: actor.token_id,
      ip: actor.ip,
      client: actor.client,
    },
    action,
    effect,
    subject: { type: subject.type, id: subject.id },
    details,
  } as LogEntry
}

/** Reads `<epoch>.<seq>`. */
export function readPosition(json: Json | undefined): Position | undefined {
  const parts = typeof json === 'string' ? /^([^.]+)\.(0|[1-9][0-9]{0,14})$/.exec(json) : null
  return parts === null ? undefined : { epoch: parts[1]!, seq: Number(parts[2]) }
}
