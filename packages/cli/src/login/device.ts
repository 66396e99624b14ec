// Signing in on a machine without a browser: RFC 8628.

import { setTimeout as wait } from 'node:timers/promises'
import type { Secret } from '@chatelaine/sdk'
import { CommandFailure } from '../failure.ts'
import { printable, type Terminal } from '../terminal.ts'
import { clientId, parametersOf, sendForm, tokenIn, type Wish } from './grant.ts'

/** RFC 8628 §3.5: how much longer to wait after each `slow_down`. */
const slowerSeconds = 5

export async function signInByDevice(url: string, wish: Wish, terminal: Terminal): Promise<Secret> {
  const begun = await sendForm(url, '/oauth/device_authorization', parametersOf(wish))
  if ('refusal' in begun) throw new CommandFailure(begun.refusal.description)
  const { deviceCode, userCode, page, expiresSeconds, intervalSeconds } = read(begun.body)
  terminal.tell(`open ${printable(page)} on any machine, and type ${terminal.emphasise(printable(userCode), 'bold')}`)
  const question = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: clientId,
    device_code: deviceCode,
  }
  const endsAt = performance.now() + expiresSeconds * 1_000
  let seconds = intervalSeconds
  while (performance.now() < endsAt) {
    await wait(seconds * 1_000)
    const answer = await sendForm(url, '/oauth/token', question)
    if ('body' in answer) return tokenIn(answer.body)
    const { error, description } = answer.refusal
    if (error === 'slow_down') seconds += slowerSeconds
    else if (error !== 'authorization_pending') throw new CommandFailure(description, 'run the command again')
  }
  throw new CommandFailure('nobody typed the code in time', 'run the command again')
}

/** RFC 8628 §3.2: without a word about it, five seconds lie between two questions. */
function read({
  device_code,
  user_code,
  verification_uri,
  expires_in,
  interval = 5,
}: Readonly<Record<string, unknown>>) {
  if (
    typeof device_code !== 'string' ||
    typeof user_code !== 'string' ||
    typeof verification_uri !== 'string' ||
    typeof expires_in !== 'number' ||
    typeof interval !== 'number'
  ) {
    throw new CommandFailure('the server gave no code', 'is it another server, or a newer one?')
  }
  return {
    deviceCode: device_code,
    userCode: user_code,
    page: verification_uri,
    expiresSeconds: expires_in,
    intervalSeconds: interval,
  }
}
