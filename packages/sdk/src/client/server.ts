import type { GetUsageQuery, Health, Server, Usage } from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'

/** The server itself, and what it counts. */
export class ServerClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Release, database, journal, master keys by their ids, and the last backup. By managers and administrators. */
  get(options?: CallOptions): Promise<Server> {
    return this.#caller.call('getServer', {}, options)
  }

  /** How verifications ended, hour by hour or day by day. */
  usage(query: GetUsageQuery = {}, options?: CallOptions): Promise<Usage> {
    return this.#caller.call('getUsage', { query }, options)
  }

  /** Whether the process lives. */
  health(options?: CallOptions): Promise<Health> {
    return this.#caller.call('getHealth', {}, options)
  }

  /** Whether the server can answer. It fails with `unavailable` while it starts or stops, or lacks its database. */
  readiness(options?: CallOptions): Promise<Health> {
    return this.#caller.call('getReadiness', {}, options)
  }

  /** In the text format of Prometheus. */
  metrics(options?: CallOptions): Promise<string> {
    return this.#caller.call('getMetrics', {}, options)
  }

  /** The API as OpenAPI 3.1. */
  openApi(options?: CallOptions): Promise<{ readonly openapi: '3.1.0' }> {
    return this.#caller.call('getOpenApi', {}, options)
  }
}
