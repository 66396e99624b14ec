import {
  formatInstant,
  managementScopes,
  secondMs,
  type Account,
  type Catalogue,
  type EpochMs,
  type HandoffAsk,
  type HandoffLife,
  type HandoffTarget,
  type Scope,
} from '@chatelaine/core'
import type { Settings } from '../config.ts'
import { faultNotice, html, type Html } from './html.ts'

/** What the page on which a person agrees has to say. */
export interface ConsentWords {
  readonly settings: Settings
  readonly ask: HandoffAsk
  readonly account: Account
  readonly catalogue: Catalogue | null
  /** Where its forms post to. */
  readonly here: string
  readonly formField: Html
  readonly caution: Html | undefined
  readonly fault: string | undefined
  readonly now: EpochMs
}

/** Who asks, from where, for what and how long, and who is to agree. */
export function consentBody(words: ConsentWords): Html {
  const { settings, ask, account, catalogue, here, formField, caution, fault, now } = words
  return html`<h1>Give ${ask.client} access to ${settings.platformName}?</h1>
    ${faultNotice(fault)}
    <p>
      A program asks for an API token of yours. It calls itself <strong>${ask.client}</strong>; nobody has checked that
      name. If you did not just start it yourself, refuse.
    </p>
    ${caution}
    <dl class="asked">
      <dt>Who asks</dt>
      <dd>${ask.client}</dd>
      <dt>From where</dt>
      <dd>${placeOf(ask.target)}</dd>
      <dt>What it may do</dt>
      <dd>
        <ul>
          ${ask.scopes.map((scope) => html`<li>${scopeWords(scope, catalogue)}</li>`)}
        </ul>
      </dd>
      <dt>For how long</dt>
      <dd>${lifeWords(ask.life, now)}</dd>
      <dt>The token's label</dt>
      <dd>${ask.label}</dd>
      <dt>Signed in as</dt>
      <dd>${account.username}</dd>
    </dl>
    <p>Whoever holds the token can do all this in your name. You can revoke it at any time among your tokens.</p>
    <form method="post" action="${here}" class="sheet-form">
      ${formField}
      <div class="answers">
        <button class="button button-primary" name="decision" value="agree">Agree</button>
        <button class="button" name="decision" value="refuse">Refuse</button>
      </div>
      ${otherPerson(account)}
    </form>`
}

function placeOf(target: HandoffTarget): Html {
  switch (target.kind) {
    case 'loopback':
      return html`A program on the computer that this browser runs on, at <code>${target.redirectUri}</code>`
    case 'device': {
      const called = target.userAgent === null ? '' : ` (${target.userAgent})`
      return html`A device at <code>${target.ip ?? 'an unknown address'}</code>${called}`
    }
    case 'redirect':
      return html`An application that drives this browser. It is sent to <code>${target.url}</code>`
  }
}

function scopeWords(scope: Scope, catalogue: Catalogue | null): Html {
  if (scope === '*') return html`Everything that you can do here`
  const words = Object.hasOwn(managementScopes, scope)
    ? managementScopes[scope as keyof typeof managementScopes]
    : catalogue?.entries[scope]?.description
  return words === undefined || words === '' ? html`<code>${scope}</code>` : html`${words} (<code>${scope}</code>)`
}

const units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

function lifeWords(life: HandoffLife, now: EpochMs): Html {
  if ('permanent' in life) return html`For ever, until somebody revokes it`
  const { lifetimeSeconds } = life
  const [unit, seconds] = units.find(([, length]) => lifetimeSeconds % length === 0) ?? ['second', 1]
  const count = lifetimeSeconds / seconds
  const until = formatInstant(now + lifetimeSeconds * secondMs)
  return html`${String(count)} ${unit}${count === 1 ? '' : 's'}, until
    <time>${until.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** The way out for whoever is not the person who is signed in here. */
export function otherPerson({ username }: Account): Html {
  return html`<button class="button button-link" name="decision" value="sign-out">
    Not ${username}? Sign in as somebody else
  </button>`
}
