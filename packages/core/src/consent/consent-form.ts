import { randomBase62 } from '@chatelaine/token'
import { handoffLifetimeMs } from './handoff.ts'
import type { Ports } from '../ports.ts'

/** What a form is bound to, so that no other browser, person or page can have it sent. */
export interface FormBinding {
  /** What the browser holds in a cookie that only it and we know. */
  readonly browser: string
  /** `null` on the page on which somebody signs in. */
  readonly sessionId: string | null
  /** All that the page says and asks, in one spelling. */
  readonly page: string
}

const nonceLength = 22

/** What a form sends back to prove that we wrote it, for this browser and this page. Nothing of it is stored. */
export function makeFormToken(ports: Ports, binding: FormBinding): string {
  const claim = `${ports.clock.now().toString(36)}.${randomBase62(nonceLength, ports.random)}`
  return `${claim}.${ports.keys.mac('bearer', bound(claim, binding))}`
}

/** The nonce of a form that we wrote within the last ten minutes, for this browser and this page; else `undefined`. */
export function readFormToken(ports: Ports, binding: FormBinding, formToken: string): string | undefined {
  const [madeAt = '', nonce = '', mac = '', ...rest] = formToken.split('.')
  const isGenuine = ports.keys.macMatches('bearer', bound(`${madeAt}.${nonce}`, binding), mac) && rest.length === 0
  if (!isGenuine || ports.clock.now() >= Number.parseInt(madeAt, 36) + handoffLifetimeMs) return undefined
  return nonce
}

function bound(claim: string, { browser, sessionId, page }: FormBinding): string {
  return `form ${JSON.stringify([claim, browser, sessionId, page])}`
}
