import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Incoming } from './peer.ts'

/** What the router hands from one function to the next about a request. */
export interface Env {
  Bindings: Partial<HttpBindings>
  /** `route` is the pattern that the request was found to fit; `waitedMs` how long it waited because it asked to. */
  Variables: { requestId: string; route: string | undefined; waitedMs: number | undefined }
}

/** The request as it arrived; from nowhere, where it did not come through a socket. */
export function incomingOf(context: Context<Env>): Incoming {
  if (context.env.incoming !== undefined) return context.env.incoming
  const { method, headers } = context.req.raw
  return { method, headers: Object.fromEntries(headers), socket: {} }
}
