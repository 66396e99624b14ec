import { canonicalJson, latestAt, type JsonObject, type LogEntry, type SignedHead } from '@chatelaine/core'
import type { Row } from '../steps.ts'

/** What makes an entry of the log, wherever `changes` is joined with `epochs`. */
export const entryColumns = `changes.seq, epochs.epoch, at, actor_type, actor_account_id, actor_token_id, actor_ip, actor_client,
  action, effect, subject_type, subject_id, details`

export const entryTables = 'changes JOIN epochs ON epochs.serial = changes.epoch_serial'

export function encodeEntry(entry: LogEntry): Row {
  const { actor, subject } = entry
  return {
    seq: entry.seq,
    at: entry.at,
    actor_type: actor.type,
    actor_account_id: actor.accountId,
    actor_token_id: actor.tokenId,
    actor_ip: actor.ip,
    actor_client: actor.client,
    action: entry.action,
    effect: entry.effect,
    subject_type: subject.type,
    subject_id: subject.id,
    details: canonicalJson(entry.details),
  }
}

/**
 * An entry as it stands in its row. It is not checked against the chain: whoever reads the log to prove something
 * verifies an export.
 */
export function decodeEntry(row: Row): LogEntry {
  return {
    epoch: row.epoch,
    seq: row.seq,
    // An instant that no clock shows cannot be spelled; its hash gives it away whatever is read here.
    at: Math.min(Math.max(0, Number(row.at)), latestAt),
    actor: {
      type: row.actor_type,
      accountId: row.actor_account_id,
      tokenId: row.actor_token_id,
      ip: row.actor_ip,
      client: row.actor_client,
    },
    action: row.action,
    effect: row.effect,
    subject: { type: row.subject_type, id: row.subject_id },
    details: parseDetails(String(row.details)),
  } as LogEntry
}

export function decodeHead(row: Row): SignedHead {
  return {
    epoch: row.epoch,
    seq: row.seq,
    chain: row.chain,
    keyId: row.key_id,
    signature: row.signature,
  } as SignedHead
}

/** Details that were altered into no JSON at all must not hide the other entries; their hash gives them away. */
function parseDetails(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return { damaged: text }
  }
}
