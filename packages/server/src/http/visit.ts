import {
  findSession,
  makeFormToken,
  readFormToken,
  signIn,
  signOut,
  type Peer,
  type Session,
  type SessionCaller,
  type SignedIn,
} from '@chatelaine/core'
import { randomBase62 } from '@chatelaine/token'
import type { Service } from '../service.ts'
import { formType } from './form.ts'
import { html, type Html } from './html.ts'
import { readPasswordFields } from './password-fields.ts'
import { peerOf, type Incoming } from './peer.ts'
import { HttpProblem } from './problem.ts'
import { readBytes } from './read-ask.ts'
import { browserCookie, browserCookieIn, requireSameOrigin, sessionCookieIn } from './session-cookie.ts'

/** A browser's request for a page with a form. */
export interface PageRequest {
  readonly request: Request
  readonly incoming: Incoming
  readonly requestId: string
}

const formBytesMax = 8 * 1_024
const browserNonceLength = 22

/** A browser on a page with a form: who is signed in there, and what its forms are bound to. */
export class Visit {
  readonly peer: Peer
  /** Whoever is signed in on this browser. */
  readonly person: SessionCaller | undefined
  readonly #service: Service
  readonly #asked: PageRequest
  readonly #here: string
  readonly #session: Session | undefined
  readonly #browser: string
  readonly #isNewBrowser: boolean

  private constructor(
    service: Service,
    asked: PageRequest,
    here: string,
    found: Awaited<ReturnType<typeof findSession>> | undefined,
  ) {
    this.#service = service
    this.#asked = asked
    this.#here = here
    this.peer = peerOf(service.settings.trustedProxies, asked.incoming)
    this.#session = found?.session
    this.person = found && { type: 'session', account: found.account, sessionId: found.session.id, peer: this.peer }
    const browser = browserCookieIn(service.settings, asked.incoming.headers)
    this.#isNewBrowser = browser === undefined || browser === ''
    this.#browser = browser || randomBase62(browserNonceLength, service.ports.random)
  }

  /** @param here the page's own path and query */
  static async open(service: Service, asked: PageRequest, here: string): Promise<Visit> {
    const cookie = sessionCookieIn(service.settings, asked.incoming.headers)
    return new Visit(service, asked, here, cookie === undefined ? undefined : await findSession(service.ports, cookie))
  }

  /** What the answer with a form has to carry, so that the browser is known again when it sends it. */
  get headers(): Readonly<Record<string, string>> {
    return this.#isNewBrowser ? { 'set-cookie': browserCookie(this.#service.settings, this.#browser) } : {}
  }

  /**
   * The hidden field of a form that only this browser can send back.
   * @param page what the form is about, so that it counts for nothing else
   * @param person who is to send it; nobody in particular on a page that asks who one is
   */
  formField(page: string, person: SessionCaller | undefined): Html {
    const value = makeFormToken(this.#service.ports, this.#binding(page, person))
    return html`<input type="hidden" name="form_token" value="${value}" />`
  }

  /** The nonce of a form as `formField` made it for the same; else `undefined`. */
  nonceOf(form: URLSearchParams, page: string, person: SessionCaller | undefined): string | undefined {
    return readFormToken(this.#service.ports, this.#binding(page, person), form.get('form_token') ?? '')
  }

  /**
   * The form that was sent.
   * @throws `cross-site-request` unless it comes from our own page, `bad-request`, `body-too-large`.
   */
  async readForm(): Promise<URLSearchParams> {
    const { request, incoming } = this.#asked
    requireSameOrigin(this.#service.settings, incoming)
    if (request.headers.get('content-type')?.split(';', 1)[0] !== formType) throw notOurs()
    return new URLSearchParams(new TextDecoder().decode(await readBytes(request, formBytesMax)))
  }

  /** Signs in with what a form says, and ends the session that was there before. @throws as `signIn`. */
  async signIn(form: URLSearchParams): Promise<SignedIn> {
    const { ports } = this.#service
    const signedIn = await signIn(ports, this.peer, ...readPasswordFields(form))
    await this.signOut()
    return signedIn
  }

  async signOut(): Promise<void> {
    if (this.person === undefined || this.#session === undefined) return
    await signOut(this.#service.ports, this.peer, this.person.account, this.#session)
  }

  #binding(page: string, person: SessionCaller | undefined) {
    return { browser: this.#browser, sessionId: person?.sessionId ?? null, page: `${this.#here}\n${page}` }
  }
}

/** For a form that this page did not give to this browser. */
export function notOurs(): HttpProblem {
  return new HttpProblem('bad-request', 'This is not a form of this page. Open the page again.')
}
