import { Secret } from '@chatelaine/token'
import type { PortalSession, PortalSessionCreate } from '../contract.ts'
import type { Caller, CallOptions } from './call.ts'
import { withSecret } from './issued.ts'

/** A portal session that was just opened, with what proves it for the one time. */
export interface OpenedPortalSession extends PortalSession {
  /** What the page sends as its bearer. It prints as `[redacted]`; `reveal()` gives it. */
  readonly session: Secret
}

/** For the backend of a platform, with a manager token: what its own pages get in place of a token. */
export class PortalSessionsClient {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** When the answer was lost, another session is opened: the lost one ends by itself, and nobody has it. */
  create(body: PortalSessionCreate, options: CallOptions = {}): Promise<OpenedPortalSession> {
    const deadlineAt = this.#caller.deadlineAt(options)
    const ask = () => this.#caller.callOnce('createPortalSession', { body }, options, deadlineAt)
    return withSecret(ask, openedIn)
  }
}

function openedIn(body: PortalSession & { readonly session?: string }): OpenedPortalSession | undefined {
  return body.session === undefined ? undefined : { ...body, session: new Secret(body.session) }
}
