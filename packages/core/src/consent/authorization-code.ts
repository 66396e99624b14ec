import { randomBase62, Secret } from '@chatelaine/token'
import type { Peer } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import { handoffLifetimeMs, notesMax, redeemGrant, type Handed, type HandoffGrant } from './handoff.ts'
import type { Ports } from '../ports.ts'
import { minuteMs } from '../domain/time.ts'

/** A code is good for so long (RFC 6749 §4.1.2 has ten minutes as the most). */
export const codeLifetimeMs = minuteMs

const codeLength = 43

/**
 * The code that a browser takes to a program on the person's computer. Only its keyed hash is stored. It is kept a while
 * longer than it is good, so that who comes a second time is noticed.
 * @throws `unavailable` when too many wait already.
 */
export async function giveCode(ports: Ports, grant: HandoffGrant): Promise<Secret> {
  const code = randomBase62(codeLength, ports.random)
  const now = ports.clock.now()
  const note = { name: nameOf(ports, code), text: JSON.stringify(grant), endsAt: now + handoffLifetimeMs }
  const left = await ports.handoffs.leave(note, { now, waitingMax: notesMax })
  if (left !== 'kept') {
    throw new Failure('unavailable', 'Too many sign-ins wait for an answer. Try again soon.', { retryAfterSeconds: 60 })
  }
  return new Secret(code)
}

export interface CodeAsk {
  readonly code: string
  readonly client: string
  readonly redirectUri: string
  /** The S256 of the verifier that came along (RFC 7636 §4.6). */
  readonly codeChallenge: string
}

/**
 * Exchanges a code for its token, once. Who does not know the verifier spends nothing.
 * @throws `unavailable`, `changed-meanwhile`.
 */
export async function redeemCode(ports: Ports, peer: Peer, ask: CodeAsk): Promise<Handed> {
  const note = await ports.handoffs.find(nameOf(ports, ask.code), ports.clock.now())
  const grant = note && (JSON.parse(note.text) as HandoffGrant)
  if (grant === undefined || !isFor(grant, ask)) {
    return { handed: false, because: 'This code is not good, or was given for another request. Ask again.' }
  }
  return redeemGrant(ports, peer, grant, grant.at + codeLifetimeMs)
}

function isFor({ ask: { client, target } }: HandoffGrant, ask: CodeAsk): boolean {
  if (target.kind !== 'loopback' || client !== ask.client) return false
  return target.redirectUri === ask.redirectUri && target.codeChallenge === ask.codeChallenge
}

function nameOf({ keys }: Ports, code: string): string {
  return keys.mac('bearer', `code ${code}`)
}
