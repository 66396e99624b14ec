import { randomBase62, Secret, type Random } from '@chatelaine/token'
import { addressSubject } from '../sign-in/attempts.ts'
import type { Peer, SessionCaller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import {
  deviceNotesMax,
  handoffLifetimeMs,
  notesMax,
  redeemGrant,
  type Consent,
  type Handed,
  type HandoffAsk,
  type HandoffGrant,
} from './handoff.ts'
import type { Ports } from '../ports.ts'

/** A device is to wait so long between two questions (RFC 8628 §3.2). */
export const pollIntervalSeconds = 5

/** Letters that make no words and are not taken for one another (RFC 8628 §6.1). */
const userCodeLetters = 'BCDFGHJKLMNPQRSTVWXZ'
const userCodeLength = 8
const userCodePattern = new RegExp(`^[${userCodeLetters}]{${userCodeLength}}$`)
/** Of what is typed instead of a code, no more is looked at. */
const typedLengthMax = 64
const userCodesTriedMax = 5
const deviceSecretLength = 43

/** What a device is told when it asks: one code for itself, and one that a person types. */
export interface DeviceStart {
  readonly deviceCode: Secret
  /** `BCDF-GHJK`. */
  readonly userCode: string
}

/**
 * Lets a device without a browser ask: a person types its short code elsewhere. Its own code is stored nowhere.
 * @param ask its target's `device` is filled in here.
 * @throws `too-many-attempts` for an address that asks all the time, `unavailable` when too many wait already.
 */
export async function startDevice(ports: Ports, peer: Peer, ask: HandoffAsk): Promise<DeviceStart> {
  const now = ports.clock.now()
  spendAttempt(ports, 'devices', addressSubject(peer.ip), 'This address asks too often.')
  const claim = `${now.toString(36)}.${randomBase62(deviceSecretLength, ports.random)}`
  const deviceCode = new Secret(`${claim}.${ports.keys.mac('bearer', deviceText(claim, ask.client))}`)
  const target = { kind: 'device', device: answerName(ports, claim), ip: peer.ip, userAgent: peer.client } as const
  const text = JSON.stringify({ ...ask, target })
  for (let tries = 1; tries <= userCodesTriedMax; tries += 1) {
    const letters = randomLetters(ports.random)
    const note = { name: askName(ports, letters), text, endsAt: now + handoffLifetimeMs }
    const left = await ports.handoffs.leave(note, { now, waitingMax: deviceNotesMax })
    if (left === 'kept') return { deviceCode, userCode: formatUserCode(letters) }
    if (left === 'full') break
  }
  throw tooManyWait()
}

/**
 * What the device asks for whose code a person typed, in whatever case and with whatever between the letters.
 * `undefined` when no device waits with this code.
 * @throws `too-many-attempts` for a person, or an address, that guesses.
 */
export async function findDeviceAsk(
  ports: Ports,
  { account, peer }: SessionCaller,
  typed: string,
): Promise<HandoffAsk | undefined> {
  const letters = readUserCode(typed)
  if (letters === undefined) return undefined
  const subjects = [account.id, addressSubject(peer.ip)]
  for (const subject of subjects) spendAttempt(ports, 'userCodes', subject, 'Too many wrong codes.')
  const now = ports.clock.now()
  const note = await ports.handoffs.find(askName(ports, letters), now)
  if (note === undefined) return undefined
  for (const subject of subjects) ports.attempts.userCodes.takeBack(subject)
  const ask = JSON.parse(note.text) as HandoffAsk
  const isAnswered = (await ports.handoffs.find(deviceOf(ask), now)) !== undefined
  return isAnswered ? undefined : ask
}

/** `BCDF-GHJK` of what a person typed; `undefined` when it cannot be a code. */
export function normaliseUserCode(typed: string): string | undefined {
  const letters = readUserCode(typed)
  return letters && formatUserCode(letters)
}

/**
 * Leaves a person's answer for the device.
 * @throws `changed-meanwhile` when somebody answered it before, `unavailable` when too many wait already.
 */
export async function answerDevice(ports: Ports, ask: HandoffAsk, consent: Consent): Promise<void> {
  const now = ports.clock.now()
  const note = { name: deviceOf(ask), text: JSON.stringify(consent), endsAt: now + handoffLifetimeMs }
  const left = await ports.handoffs.leave(note, { now, waitingMax: notesMax })
  if (left === 'full') throw tooManyWait()
  if (left === 'taken') throw new Failure('changed-meanwhile', 'Somebody answered this device before you.')
}

export type DeviceAnswer =
  | (Handed & { readonly handed: true })
  | {
      readonly handed: false
      /** RFC 8628 §3.5, RFC 6749 §5.2. */
      readonly error: 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant'
      readonly because: string
    }

/**
 * What became of a device's question so far; the token, once.
 * @throws `unavailable`, `changed-meanwhile`.
 */
export async function pollDevice(ports: Ports, peer: Peer, deviceCode: string, client: string): Promise<DeviceAnswer> {
  const now = ports.clock.now()
  const [startedAt = '', secret = '', mac = '', ...rest] = deviceCode.split('.')
  const claim = `${startedAt}.${secret}`
  if (!ports.keys.macMatches('bearer', deviceText(claim, client), mac) || rest.length > 0) {
    return not('invalid_grant', 'This device code is none of ours, or another client was given it.')
  }
  if (now >= Number.parseInt(startedAt, 36) + handoffLifetimeMs) {
    return not('expired_token', 'Nobody answered in time. Begin again.')
  }
  if (ports.attempts.polls.waitSeconds(claim, now) > 0) {
    return not('slow_down', `Wait at least ${pollIntervalSeconds} s longer between two questions.`)
  }
  ports.attempts.polls.count(claim, now)
  const note = await ports.handoffs.find(answerName(ports, claim), now)
  if (note === undefined) return not('authorization_pending', 'Nobody has answered yet.')
  const consent = JSON.parse(note.text) as { agreed: boolean; grant: HandoffGrant }
  if (!consent.agreed) return not('access_denied', 'The person refused.')
  const handed = await redeemGrant(ports, peer, consent.grant)
  return handed.handed ? handed : not('invalid_grant', handed.because)
}

function not(error: (DeviceAnswer & { handed: false })['error'], because: string): DeviceAnswer {
  return { handed: false, error, because }
}

function spendAttempt(ports: Ports, of: 'devices' | 'userCodes', subject: string, complaint: string): void {
  const attempts = ports.attempts[of]
  const now = ports.clock.now()
  const waitSeconds = attempts.waitSeconds(subject, now)
  if (waitSeconds > 0) {
    const message = `${complaint} Try again in ${Math.ceil(waitSeconds / 60)} min.`
    throw new Failure('too-many-attempts', message, { retryAfterSeconds: waitSeconds })
  }
  attempts.count(subject, now)
}

function tooManyWait(): Failure {
  return new Failure('unavailable', 'Too many devices wait for an answer. Try again soon.', { retryAfterSeconds: 60 })
}

function deviceOf({ target }: HandoffAsk): string {
  if (target.kind !== 'device') throw new Error('only devices have codes to type')
  return target.device
}

function readUserCode(typed: string): string | undefined {
  const letters = typed
    .slice(0, typedLengthMax)
    .toUpperCase()
    .replaceAll(/[^A-Z]/g, '')
  return userCodePattern.test(letters) ? letters : undefined
}

function formatUserCode(letters: string): string {
  return `${letters.slice(0, userCodeLength / 2)}-${letters.slice(userCodeLength / 2)}`
}

// 240 is the largest multiple of 20 in a byte. Larger bytes are thrown away, or the first letters would come up more often.
const acceptedBytes = 256 - (256 % userCodeLetters.length)

function randomLetters(random: Random): string {
  let letters = ''
  while (letters.length < userCodeLength) {
    for (const byte of random(userCodeLength - letters.length)) {
      if (byte < acceptedBytes) letters += userCodeLetters.charAt(byte % userCodeLetters.length)
    }
  }
  return letters
}

function deviceText(claim: string, client: string): string {
  return `device ${claim} ${client}`
}

/** Under which name a device's question waits for whoever types its code. */
function askName({ keys }: Ports, letters: string): string {
  return keys.mac('bearer', `user-code ${letters}`)
}

/** Under which name the answer waits for the device. */
function answerName({ keys }: Ports, claim: string): string {
  return keys.mac('bearer', `answer ${claim}`)
}
