import type { AuditEntry, AuditKeys, AuditList, ExportAuditQuery, ListAuditEntriesQuery } from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'
import { itemsOf } from './pages.ts'

/** What happened, who did it, and from where. */
export class AuditClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Every entry that the filters find, the newest first, page after page. */
  list(query: ListAuditEntriesQuery = {}, options?: CallOptions): AsyncIterable<AuditEntry> {
    return itemsOf((cursor) => this.page({ ...query, cursor: cursor ?? query.cursor }, options))
  }

  page(query: ListAuditEntriesQuery = {}, options?: CallOptions): Promise<AuditList> {
    return this.#caller.call('listAuditEntries', { query }, options)
  }

  /** The log in pieces of text, as it is read. The deadline is for the first of them. */
  export(query: ExportAuditQuery = {}, options: CallOptions = {}): AsyncIterable<string> {
    return this.#caller.stream('exportAudit', { query }, options)
  }

  /** The public keys with which an export is checked. */
  getKeys(options?: CallOptions): Promise<AuditKeys> {
    return this.#caller.call('getAuditKeys', {}, options)
  }
}
