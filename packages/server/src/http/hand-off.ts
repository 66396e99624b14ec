import { problems } from '@chatelaine/api'
import {
  canonicalJson,
  decideConsent,
  Failure,
  type Consent,
  type HandoffAsk,
  type JsonObject,
  type Peer,
  type SessionCaller,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { consentBody } from './consent-page.ts'
import { faultNotice, formPage, html, type Html } from './html.ts'
import { passwordFields, readPasswordFields, type SignInRefusal } from './password-fields.ts'
import { explain } from './problem.ts'
import { noSessionCookie, sessionCookie } from './session-cookie.ts'
import { signOnButton } from './single-sign-on.ts'
import { notOurs, Visit, type PageRequest } from './visit.ts'

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
  const visit = await Visit.open(service, asked, handOff.here)
  if (asked.request.method === 'POST') return take(service, asked, handOff, visit)
  if (visit.person === undefined) return signInPage(service, handOff, visit)
  const ask = await handOff.ask(visit.person)
  return ask instanceof Response ? ask : consentPage(service, handOff, visit, visit.person, ask)
}

async function take(service: Service, asked: PageRequest, handOff: HandOff, visit: Visit): Promise<Response> {
  const form = await visit.readForm()
  const decision = form.get('decision')
  if (decision === 'sign-in') return enter(service, asked, handOff, visit, form)
  const { person } = visit
  if (person === undefined)
    return signInPage(service, handOff, visit, outOfDate('Your session has ended. Sign in again.'))
  const ask = await handOff.ask(person)
  if (ask instanceof Response) return ask
  const page = visit.nonceOf(form, textOf(ask), person)
  if (page === undefined) {
    return consentPage(service, handOff, visit, person, ask, 'This page was out of date. Look at it again.')
  }
  if (decision === 'sign-out') {
    await visit.signOut()
    return again(handOff, noSessionCookie(service.settings))
  }
  if (decision !== 'agree' && decision !== 'refuse') throw notOurs()
  const consent = await decideConsent(service.ports, person, ask, decision, page)
  return handOff.answer(consent, ask, visit.peer)
}

async function enter(
  service: Service,
  asked: PageRequest,
  handOff: HandOff,
  visit: Visit,
  form: URLSearchParams,
): Promise<Response> {
  if (visit.nonceOf(form, '', undefined) === undefined) {
    return signInPage(service, handOff, visit, outOfDate('This page was out of date. Sign in here.'))
  }
  try {
    const { cookie } = await visit.signIn(form)
    return again(handOff, sessionCookie(service.settings, cookie))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { key, detail, headers } = explain(service, error, asked.requestId)
    return signInPage(service, handOff, visit, {
      refusal: { username: readPasswordFields(form)[0], detail },
      status: problems[key].status,
      headers,
    })
  }
}

/** The same page once more, as a new request. */
function again({ here }: HandOff, cookie: string): Response {
  return new Response(null, { status: 303, headers: { location: here, 'set-cookie': cookie } })
}

/** Why somebody is asked to sign in once more. */
interface AskedAgain {
  /** What was wrong with the page itself. */
  readonly fault?: string
  readonly refusal?: SignInRefusal
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

function outOfDate(fault: string): AskedAgain {
  return { fault, status: 409 }
}

function signInPage(
  service: Service,
  { here, purpose }: HandOff,
  visit: Visit,
  { fault, refusal, status, headers }: AskedAgain = { status: 200 },
): Response {
  const { platformName } = service.settings
  const body = html`<h1>Sign in to ${platformName}</h1>
    ${faultNotice(fault)} ${purpose}
    <form method="post" action="${here}" class="sheet-form">
      ${visit.formField('', undefined)} ${passwordFields('User name', refusal)}
      <button class="button button-primary" name="decision" value="sign-in">Sign in</button>
    </form>
    ${signOnButton(service, here)}`
  const title = `Sign in · ${platformName}`
  return formPage({ platformName, title, body, status, headers: { ...visit.headers, ...headers } })
}

async function consentPage(
  { settings, ports }: Service,
  { here, leadsTo, caution }: HandOff,
  visit: Visit,
  person: SessionCaller,
  ask: HandoffAsk,
  fault?: string,
): Promise<Response> {
  const { catalogue } = await ports.settings.read()
  return formPage({
    platformName: settings.platformName,
    title: `${ask.client} · ${settings.platformName}`,
    body: consentBody({
      settings,
      ask,
      account: person.account,
      catalogue,
      here,
      formField: visit.formField(textOf(ask), person),
      caution,
      fault,
      now: ports.clock.now(),
    }),
    status: fault === undefined ? 200 : 409,
    headers: visit.headers,
    ...(leadsTo === undefined ? {} : { leadsTo }),
  })
}

/** All that is asked, in one spelling. */
function textOf(ask: HandoffAsk): string {
  return canonicalJson(ask as unknown as JsonObject)
}
