import { fitHandoff, giveCode, isLoopbackRedirect, labelLengthMax, type HandoffWish } from '@chatelaine/core'
import { clientIdPattern, lifetimeSecondsMax } from '@chatelaine/api'
import type { Service } from '../service.ts'
import { serveHandOff, type HandOff } from './hand-off.ts'
import { html } from './html.ts'
import { originFor } from './origin.ts'
import { HttpProblem } from './problem.ts'
import type { PageRequest } from './visit.ts'

/**
 * `/oauth/authorize`: a program on the person's own computer asks through the browser, and is sent a code for whoever
 * knows the verifier (RFC 6749 §4.1, RFC 7636, RFC 8252). What is wrong with the request itself is told to the program,
 * unless it is where the program is.
 */
export async function authorize(service: Service, asked: PageRequest): Promise<Response> {
  const url = new URL(asked.request.url)
  const { searchParams } = url
  const redirectUri = requireTarget(searchParams)
  const back = backTo(redirectUri, searchParams, originFor(service.settings, asked.incoming))
  const wish = readWish(searchParams, redirectUri)
  if ('error' in wish) return back(wish)
  const ask = await fitHandoff(service.ports, wish)
  if (ask === undefined) {
    return back({ error: 'invalid_scope', error_description: 'A scope is misspelled, or nobody may hold any of them.' })
  }
  const handOff: HandOff = {
    here: `${url.pathname}${url.search}`,
    purpose: html`<p>Then decide whether <strong>${ask.client}</strong> may have a token of yours.</p>`,
    leadsTo: sourceOf(redirectUri),
    ask: async () => ask,
    async answer(consent) {
      if (!consent.agreed) return back({ error: 'access_denied', error_description: 'The person refused.' })
      return back({ code: (await giveCode(service.ports, consent.grant)).reveal() })
    },
  }
  return serveHandOff(service, asked, handOff)
}

/** @throws `bad-request` in words for the person: without a place to answer to there is nobody else to tell. */
function requireTarget(parameters: URLSearchParams): string {
  const [redirectUri = '', ...more] = parameters.getAll('redirect_uri')
  if (more.length > 0 || !isLoopbackRedirect(redirectUri)) {
    throw new HttpProblem(
      'bad-request',
      'The program that sent you here did not say properly where it waits. It must be an address on this computer, such as http://127.0.0.1:53682/callback.',
    )
  }
  const [client = '', ...others] = parameters.getAll('client_id')
  if (others.length > 0 || !clientIdPattern.test(client)) {
    throw new HttpProblem('bad-request', 'The program that sent you here did not say what it is called.')
  }
  return redirectUri
}

/** RFC 6749 §4.1.2.1. */
interface Refusal {
  readonly error: 'invalid_request' | 'unsupported_response_type' | 'invalid_scope' | 'access_denied'
  readonly error_description: string
}

const stateLengthMax = 1_024
const printable = /^[\x20-\x7e]*$/

/** Sends the browser back to the program, which learns by whom (RFC 9207). */
function backTo(redirectUri: string, parameters: URLSearchParams, issuer: string) {
  const state = parameters.get('state')
  const isGood = state !== null && state.length <= stateLengthMax && printable.test(state)
  return (answer: Refusal | { readonly code: string }): Response => {
    const query = new URLSearchParams({ ...answer, ...(isGood ? { state } : {}), iss: issuer })
    return new Response(null, { status: 303, headers: { location: `${redirectUri}?${query.toString()}` } })
  }
}

function readWish(parameters: URLSearchParams, redirectUri: string): HandoffWish | Refusal {
  const repeated = [...new Set(parameters.keys())].find((name) => parameters.getAll(name).length > 1)
  if (repeated !== undefined) return invalid('A parameter is given more than once.')
  if (parameters.get('response_type') !== 'code') {
    return { error: 'unsupported_response_type', error_description: 'response_type must be code.' }
  }
  const codeChallenge = parameters.get('code_challenge') ?? ''
  if (parameters.get('code_challenge_method') !== 'S256' || !/^[A-Za-z0-9_-]{43}$/.test(codeChallenge)) {
    return invalid('code_challenge must be given, made by S256 (RFC 7636).')
  }
  const state = parameters.get('state') ?? ''
  if (state.length > stateLengthMax || !printable.test(state)) {
    return invalid(`state may have ${stateLengthMax} printable ASCII characters.`)
  }
  const client = parameters.get('client_id')!
  const label = parameters.get('label') || client
  if (label.length > labelLengthMax || /\p{Cc}/u.test(label) || !label.isWellFormed()) {
    return invalid(`label may have ${labelLengthMax} characters, none of them a control character.`)
  }
  const lifetime = parameters.get('lifetime_seconds') ?? ''
  if (!/^(?:[1-9][0-9]{0,10})?$/.test(lifetime) || Number(lifetime) > lifetimeSecondsMax) {
    return invalid('lifetime_seconds must be a whole number of seconds.')
  }
  return {
    ...wishOf({ client, label, scope: parameters.get('scope'), lifetimeSeconds: Number(lifetime) }),
    target: { kind: 'loopback', redirectUri, codeChallenge },
  }
}

/** What a program asks for, in the words of the domain; what it leaves out is empty. */
export function wishOf(asked: {
  readonly client: string
  readonly label: string
  readonly scope: string | null
  readonly lifetimeSeconds: number
}): Omit<HandoffWish, 'target'> {
  const { client, label, scope, lifetimeSeconds } = asked
  const scopes = (scope ?? '').split(' ').filter((one) => one !== '')
  return {
    client,
    label,
    origin: client === commandLine ? 'cli' : 'handoff',
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(lifetimeSeconds === 0 ? {} : { life: { lifetimeSeconds } }),
  }
}

/** What our own command calls itself. */
const commandLine = 'chatelaine-cli'

function invalid(error_description: string): Refusal {
  return { error: 'invalid_request', error_description }
}

/** The source that admits a redirect. The grammar of the policy has no IPv6 (CSP 3 §2.3.1), so there it is the scheme. */
function sourceOf(redirectUri: string): string {
  const { origin } = new URL(redirectUri)
  return origin.includes('[') ? 'http:' : origin
}
