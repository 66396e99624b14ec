import {
  canonicalJson,
  decideConsent,
  Failure,
  findSession,
  makeFormToken,
  readFormToken,
  signIn,
  signOut,
  type Consent,
  type HandoffAsk,
  type JsonObject,
  type Peer,
  type Session,
  type SessionCaller,
} from '@chatelaine/core'
import { problems } from '@chatelaine/api'
import { randomBase62 } from '@chatelaine/token'
import type { Service } from '../service.ts'
import { consentBody } from './consent-page.ts'
import { formType } from './form.ts'
import { formPage, html, type Html } from './html.ts'
import { peerOf, type Incoming } from './peer.ts'
import { explain, HttpProblem } from './problem.ts'
import { readBytes } from './read-ask.ts'
import {
  browserCookie,
  browserCookieIn,
  noSessionCookie,
  requireSameOrigin,
  sessionCookie,
  sessionCookieIn,
} from './session-cookie.ts'

/** A browser's request for a page on which a person answers an application. */
export interface PageRequest {
  readonly request: Request
  readonly incoming: Incoming
  readonly requestId: string
}

/** One way in which applications come by a token of a person. */
export interface HandOff {
  /** The page's own path and query, to which its forms post. */
  readonly here: string
  /** What the page says where it asks for name and password. */
  readonly purpose: Html
  /** What is asked of whoever signed in; or a page instead, where that cannot be said yet. */
  ask(person: SessionCaller): Promise<HandoffAsk | Response>
  /** Where the answer leads, as a source of the policy, if it leads away from here. */
  readonly leadsTo?: string
  /** What a person is asked to make sure of before they agree. */
  readonly caution?: Html
  /** Takes the answer to whoever asked. */
  answer(consent: Consent, ask: HandoffAsk, peer: Peer): Promise<Response>
}

/**
 * The one page on which people let applications have a token, whatever the way: it asks for name and password where
 * nobody is signed in, says who asks for what, and takes the answer. Each form is bound to this browser, this session
 * and this page, and is good once; what other sites send is refused.
 */
export async function serveHandOff(service: Service, asked: PageRequest, handOff: HandOff): Promise<Response> {
  const visit = await Visit.open(service, asked, handOff)
  return asked.request.method === 'POST' ? visit.take() : visit.show()
}

const formBytesMax = 8 * 1_024
const browserNonceLength = 22

interface Person {
  readonly caller: SessionCaller
  readonly session: Session
}

class Visit {
  readonly #service: Service
  readonly #asked: PageRequest
  readonly #handOff: HandOff
  readonly #peer: Peer
  readonly #person: Person | undefined
  readonly #browser: string
  readonly #isNewBrowser: boolean

  private constructor(service: Service, asked: PageRequest, handOff: HandOff, person: Person | undefined) {
    this.#service = service
    this.#asked = asked
    this.#handOff = handOff
    this.#person = person
    this.#peer = peerOf(service.settings.trustedProxies, asked.incoming)
    const browser = browserCookieIn(service.settings, asked.incoming.headers)
    this.#isNewBrowser = browser === undefined || browser === ''
    this.#browser = browser || randomBase62(browserNonceLength, service.ports.random)
  }

  static async open(service: Service, asked: PageRequest, handOff: HandOff): Promise<Visit> {
    return new Visit(service, asked, handOff, await findPerson(service, asked.incoming))
  }

  async show(): Promise<Response> {
    if (this.#person === undefined) return this.#signInPage()
    const ask = await this.#handOff.ask(this.#person.caller)
    return ask instanceof Response ? ask : this.#consentPage(this.#person, ask)
  }

  async take(): Promise<Response> {
    const { settings } = this.#service
    requireSameOrigin(settings, this.#asked.incoming)
    const form = await readForm(this.#asked.request)
    const decision = form.get('decision')
    if (decision === 'sign-in') return this.#signIn(form)
    if (this.#person === undefined) return this.#signInPage('Your session has ended. Sign in again.')
    const { caller, session } = this.#person
    const ask = await this.#handOff.ask(caller)
    if (ask instanceof Response) return ask
    const page = this.#readForm(form, caller.sessionId, askText(ask))
    if (page === undefined) return this.#consentPage(this.#person, ask, 'This page was out of date. Look at it again.')
    if (decision === 'sign-out') {
      await signOut(this.#service.ports, this.#peer, caller.account, session)
      return this.#again(noSessionCookie(settings))
    }
    if (decision !== 'agree' && decision !== 'refuse') throw notOurs()
    const consent = await decideConsent(this.#service.ports, caller, ask, decision, page)
    return this.#handOff.answer(consent, ask, this.#peer)
  }

  async #signIn(form: URLSearchParams): Promise<Response> {
    const { ports, settings } = this.#service
    if (this.#readForm(form, null, '') === undefined) {
      return this.#signInPage('This page was out of date. Sign in here.')
    }
    try {
      const signedIn = await signIn(ports, this.#peer, form.get('username') ?? '', form.get('password') ?? '')
      if (this.#person !== undefined) {
        await signOut(ports, this.#peer, this.#person.caller.account, this.#person.session)
      }
      return this.#again(sessionCookie(settings, signedIn.cookie))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const { key, detail, headers } = explain(this.#service, error, this.#asked.requestId)
      return this.#signInPage(detail, problems[key].status, headers)
    }
  }

  /** The same page once more, as a new request. */
  #again(cookie: string): Response {
    return new Response(null, { status: 303, headers: { location: this.#handOff.here, 'set-cookie': cookie } })
  }

  #signInPage(
    fault?: string,
    status = fault === undefined ? 200 : 409,
    headers: Readonly<Record<string, string>> = {},
  ) {
    const { here, purpose } = this.#handOff
    const { platformName } = this.#service.settings
    const body = html`<h1>Sign in to ${platformName}</h1>
      ${purpose}
      <form method="post" action="${here}">
        ${this.#formToken(null, '')}
        <label for="username">User name</label>
        <input
          id="username"
          name="username"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          autofocus
        />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        ${fault === undefined ? undefined : html`<p class="fault" role="alert">${fault}</p>`}
        <button name="decision" value="sign-in">Sign in</button>
      </form>`
    return formPage({ title: `Sign in · ${platformName}`, body, status, headers: { ...this.#cookie(), ...headers } })
  }

  async #consentPage({ caller }: Person, ask: HandoffAsk, fault?: string): Promise<Response> {
    const { settings, ports } = this.#service
    const { catalogue } = await ports.settings.read()
    const { here, leadsTo, caution } = this.#handOff
    const formToken = this.#formToken(caller.sessionId, askText(ask))
    return formPage({
      title: `${ask.client} · ${settings.platformName}`,
      body: consentBody({
        settings,
        ask,
        account: caller.account,
        catalogue,
        here,
        formToken,
        caution,
        fault,
        now: ports.clock.now(),
      }),
      status: fault === undefined ? 200 : 409,
      headers: this.#cookie(),
      ...(leadsTo === undefined ? {} : { leadsTo }),
    })
  }

  #cookie(): Record<string, string> {
    return this.#isNewBrowser ? { 'set-cookie': browserCookie(this.#service.settings, this.#browser) } : {}
  }

  #formToken(sessionId: string | null, page: string): Html {
    const value = makeFormToken(this.#service.ports, this.#binding(sessionId, page))
    return html`<input type="hidden" name="form_token" value="${value}" />`
  }

  #readForm(form: URLSearchParams, sessionId: string | null, page: string): string | undefined {
    return readFormToken(this.#service.ports, this.#binding(sessionId, page), form.get('form_token') ?? '')
  }

  #binding(sessionId: string | null, page: string) {
    return { browser: this.#browser, sessionId, page: `${this.#handOff.here}\n${page}` }
  }
}

async function findPerson({ ports, settings }: Service, incoming: Incoming): Promise<Person | undefined> {
  const cookie = sessionCookieIn(settings, incoming.headers)
  const found = cookie === undefined ? undefined : await findSession(ports, cookie)
  if (found === undefined) return undefined
  const { account, session } = found
  const peer = peerOf(settings.trustedProxies, incoming)
  return { caller: { type: 'session', account, sessionId: session.id, peer }, session }
}

function askText(ask: HandoffAsk): string {
  return canonicalJson(ask as unknown as JsonObject)
}

async function readForm(request: Request): Promise<URLSearchParams> {
  if (request.headers.get('content-type')?.split(';', 1)[0] !== formType) throw notOurs()
  return new URLSearchParams(new TextDecoder().decode(await readBytes(request, formBytesMax)))
}

function notOurs(): HttpProblem {
  return new HttpProblem('bad-request', 'This is not a form of this page. Open the page again.')
}
