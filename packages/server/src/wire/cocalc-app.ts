import { clientIdPattern, problems } from '@chatelaine/api'
import {
  canonicalJson,
  checkPassword,
  dayMs,
  decideConsent,
  Failure,
  fitHandoff,
  formatInstant,
  redeemGrant,
  revokeToken,
  secondMs,
  type HandoffAsk,
  type HandoffLife,
  type SessionCaller,
  type Token,
} from '@chatelaine/core'
import { otherPerson } from '../http/consent-page.ts'
import { faultNotice, formPage, html, type Html } from '../http/html.ts'
import { passwordFields, readPasswordFields, type SignInRefusal } from '../http/password-fields.ts'
import { explain, HttpProblem } from '../http/problem.ts'
import { noSessionCookie } from '../http/session-cookie.ts'
import { signOnButton } from '../http/single-sign-on.ts'
import { notOurs, Visit, type PageRequest } from '../http/visit.ts'
import type { Service } from '../service.ts'
import { liveTokens } from './own-tokens.ts'

/** Where applications that embed the platform and drive a browser ask for a key of its user. */
export const appPath = '/app'

/** The address that such an application watches for; nobody answers there. */
const authenticated = 'https://authenticated'

const daysOffered = [7, 30, 90, 365]
const daysPreselected = 90

/** Who asks on one page, of whom, and what they may choose. */
interface Asking {
  readonly here: string
  readonly ask: HandoffAsk
  /** By the value of the form. */
  readonly lives: ReadonlyMap<string, HandoffLife>
}

/**
 * `/app?get_api_key=NAME`: signing in is the consent, so that the answer to a right password is the redirect that carries
 * the key. Whoever is signed in already gives it with a click, and never without one.
 */
export async function app(service: Service, asked: PageRequest): Promise<Response> {
  const asking = await readAsking(service, asked)
  const visit = await Visit.open(service, asked, asking.here)
  if (asked.request.method !== 'POST') return page(service, visit, asking)
  const form = await visit.readForm()
  const decision = form.get('decision')
  const nonce = visit.nonceOf(form, textOf(asking), decision === 'sign-in' ? undefined : visit.person)
  if (nonce === undefined) return page(service, visit, asking, { detail: 'This page was out of date. Look again.' })
  switch (decision) {
    case 'sign-in':
      return enter(service, asked, visit, asking, form, nonce)
    case 'agree':
      if (visit.person === undefined) throw notOurs()
      return hand(service, visit, asking, visit.person, form, nonce)
    case 'sign-out':
      await visit.signOut()
      return new Response(null, {
        status: 303,
        headers: { location: asking.here, 'set-cookie': noSessionCookie(service.settings) },
      })
    default:
      throw notOurs()
  }
}

/** @throws `bad-request` for a name that is none, `route-not-found` where no key is asked for. */
async function readAsking({ ports }: Service, asked: PageRequest): Promise<Asking> {
  const { pathname, search, searchParams } = new URL(asked.request.url)
  const [name, ...more] = searchParams.getAll('get_api_key')
  if (name === undefined) throw new HttpProblem('route-not-found', 'There is nothing here but keys for applications.')
  if (more.length > 0 || !clientIdPattern.test(name)) {
    throw new HttpProblem('bad-request', 'The application that sent you here did not say properly what it is called.')
  }
  const { policy } = await ports.settings.read()
  const lives = livesAllowed(policy.longestLifetimeSeconds)
  const ask = await fitHandoff(ports, {
    client: name,
    label: name,
    life: lives.get(preselected(lives))!,
    origin: 'cocalc',
    target: { kind: 'redirect', url: `${authenticated}/` },
  })
  if (ask === undefined) throw new Failure('not-permitted', 'No scope is left here that a key could have.')
  return { here: `${pathname}${search}`, ask, lives }
}

/** What policy leaves of what is offered; where it leaves nothing, its own longest. */
function livesAllowed(longestSeconds: number | null): ReadonlyMap<string, HandoffLife> {
  const lives = new Map<string, HandoffLife>()
  for (const days of daysOffered) {
    const lifetimeSeconds = (days * dayMs) / secondMs
    if (longestSeconds === null || lifetimeSeconds <= longestSeconds) lives.set(`${days} days`, { lifetimeSeconds })
  }
  if (longestSeconds === null) lives.set('never', { permanent: true })
  if (lives.size === 0 && longestSeconds !== null) {
    lives.set(`${longestSeconds} seconds`, { lifetimeSeconds: longestSeconds })
  }
  return lives
}

function preselected(lives: ReadonlyMap<string, HandoffLife>): string {
  const usual = `${daysPreselected} days`
  return lives.has(usual) ? usual : [...lives.keys()].at(-1)!
}

async function enter(
  service: Service,
  asked: PageRequest,
  visit: Visit,
  asking: Asking,
  form: URLSearchParams,
  nonce: string,
): Promise<Response> {
  let person: SessionCaller
  const [username, password] = readPasswordFields(form)
  try {
    const account = await checkPassword(service.ports, visit.peer, username, password)
    // The application drives this browser; nobody stays signed in there.
    person = { type: 'session', account, sessionId: null, peer: visit.peer }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { key, detail, headers } = explain(service, error, asked.requestId)
    return page(service, visit, asking, { refusal: { username, detail }, status: problems[key].status, headers })
  }
  return hand(service, visit, asking, person, form, nonce)
}

/** Ends what was ticked, and sends the key along with the browser. */
async function hand(
  service: Service,
  visit: Visit,
  asking: Asking,
  person: SessionCaller,
  form: URLSearchParams,
  nonce: string,
): Promise<Response> {
  const { ports } = service
  const life = asking.lives.get(form.get('expires') ?? '')
  if (life === undefined) throw notOurs()
  const ask = { ...asking.ask, life }
  const consent = await decideConsent(ports, person, ask, 'agree', nonce)
  if (!consent.agreed) throw new Error('an agreement was taken as a refusal')
  const ticked = form.getAll('end')
  for (const { id, serial } of await earlierKeys(service, person, ask)) {
    if (ticked.includes('all') || ticked.includes(String(serial))) await revokeToken(ports, person, id)
  }
  const handed = await redeemGrant(ports, visit.peer, consent.grant)
  if (!handed.handed) return page(service, visit, asking, { detail: handed.because, status: 403 })
  const location = `${authenticated}/?api_key=${encodeURIComponent(handed.secret.reveal())}`
  return new Response(null, { status: 302, headers: { location } })
}

/** What this application was given before and still has. */
async function earlierKeys(service: Service, person: SessionCaller, { label }: HandoffAsk): Promise<readonly Token[]> {
  const accountId = person.account.id
  const tokens = await liveTokens(service, person, { kind: 'account', accountId })
  return tokens.filter((token) => token.origin === 'cocalc' && token.label === label)
}

/** Why the page is shown once more. */
interface Fault {
  /** What was wrong with the page as a whole. */
  readonly detail?: string
  readonly refusal?: SignInRefusal
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

async function page(service: Service, visit: Visit, asking: Asking, fault?: Fault): Promise<Response> {
  const { platformName } = service.settings
  const { ask, here } = asking
  const { person } = visit
  const name = ask.client.charAt(0).toUpperCase() + ask.client.slice(1)
  const earlier = person === undefined ? undefined : await earlierKeys(service, person, ask)
  const banner = `${platformName} API Key Access for ${name}`
  const body = html`<h1>${banner}</h1>
    ${faultNotice(fault?.detail)}
    <p>
      An application that calls itself <strong>${name}</strong> asks for an API key of yours. With it, it can do
      everything that you can do here, in your name. Nobody has checked its name: if you did not just start it yourself,
      close this page.
    </p>
    <p>The key is sent to the application along with this browser. You can revoke it at any time among your tokens.</p>
    <form method="post" action="${here}" class="sheet-form">
      ${visit.formField(textOf(asking), person)}
      <div class="field">
        <label for="expires">The key ends after</label>
        <select class="input" id="expires" name="expires">
          ${[...asking.lives.keys()].map((life) => lifeOption(life, preselected(asking.lives)))}
        </select>
      </div>
      ${earlierFields(name, earlier)} ${person === undefined ? signInAndGive(fault?.refusal) : continueAs(person)}
    </form>
    ${person === undefined ? signOnButton(service, here) : undefined}`
  return formPage({
    platformName,
    title: banner,
    body,
    status: fault === undefined ? 200 : (fault.status ?? 409),
    headers: { ...visit.headers, ...fault?.headers },
    // Browsers hold a form's redirects to the policy too.
    leadsTo: authenticated,
  })
}

function lifeOption(life: string, chosen: string): Html {
  return life === chosen ? html`<option selected>${life}</option>` : html`<option>${life}</option>`
}

function earlierFields(name: string, earlier: readonly Token[] | undefined): Html | undefined {
  if (earlier === undefined) {
    return html`<label class="tick">
      <input type="checkbox" name="end" value="all" />
      <span>End the keys that ${name} was given before</span>
    </label>`
  }
  if (earlier.length === 0) return undefined
  return html`<fieldset class="ticks">
    <legend>${name} has these keys already. Tick those that shall end.</legend>
    ${earlier.map(
      ({ serial, start, createdAt }) =>
        html`<label class="tick">
          <input type="checkbox" name="end" value="${String(serial)}" />
          <span><code>${start}</code> of ${formatInstant(createdAt).slice(0, 10)}</span>
        </label>`,
    )}
  </fieldset>`
}

function signInAndGive(refusal: SignInRefusal | undefined): Html {
  return html`${passwordFields('User name or e-mail address', refusal)}
    <button class="button button-primary" name="decision" value="sign-in">Sign in and give access</button>`
}

function continueAs({ account }: SessionCaller): Html {
  return html`<button class="button button-primary" name="decision" value="agree">
      Continue as ${account.username}
    </button>
    ${otherPerson(account)}`
}

/** What a form of this page is about; how long the key lives is chosen in it. */
function textOf({ ask: { life: _life, ...rest } }: Asking): string {
  return canonicalJson(rest)
}
