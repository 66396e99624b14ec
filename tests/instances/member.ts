import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { Client, type Answer } from '../faults/client.ts'
import type { RunningServer } from '../faults/running-server.ts'
import { Steward } from '../faults/steward.ts'

/** One instance of a fleet, and who asks it. */
export interface Member {
  readonly server: RunningServer
  readonly client: Client
  readonly steward: Steward
}

export function memberAt(server: RunningServer): Member {
  const client = new Client(server.port, { connections: 64 })
  return { server, client, steward: new Steward(client, server.managerToken) }
}

/** For one lease after it has started, nobody passes the barrier of an instance before the time. */
export async function letPass(member: Member): Promise<void> {
  await revoke(member, await member.steward.issue({ kind: 'manager', scopes: ['chatelaine.tokens:read'] }))
}

/** Revokes, again and again as long as it is answered that this cannot be done now. Answers how long all of it took. */
export async function revoke({ client, steward }: Member, { id }: { readonly id: string }): Promise<number> {
  const beganMs = performance.now()
  for (;;) {
    const { status, text, arrivedAtMs } = await client.ask('DELETE', `/api/v1/tokens/${id}`, { as: steward.token })
    if (status === 204) return arrivedAtMs - beganMs
    assert.equal(status, 503, text)
  }
}

/** Asks an instance about a token, whatever it answers. */
export function look({ client, steward }: Member, token: string): Promise<Answer> {
  return client.ask('POST', '/api/v1/tokens/verify', { as: steward.token, body: { token } })
}

/** It says that the token is revoked, or that it cannot tell; nothing else is true. */
export function requireNotAccepted({ status, text }: Answer): void {
  if (status === 503) return
  assert.equal(status, 200, text)
  assert.equal(codeIn(text), 'revoked')
}

/** Asks about each until it is known to be revoked; until then nothing else may be said than that it is not known. */
export async function untilRevoked(member: Member, tokens: readonly { readonly token: string }[]): Promise<void> {
  for (const { token } of tokens) {
    for (let status = 503; status === 503;) {
      const answer = await look(member, token)
      requireNotAccepted(answer)
      status = answer.status
    }
  }
}

/** Asks about these without a pause until an answer is the one. Until then each is that they are valid. */
export async function lookUntil(
  member: Member,
  tokens: readonly { readonly token: string }[],
  isIt: (answer: Answer) => boolean,
): Promise<Answer> {
  for (let turn = 0; ; turn += 1) {
    const answer = await look(member, tokens[turn % tokens.length]!.token)
    if (isIt(answer)) return answer
    assert.equal(answer.status, 200, answer.text)
    assert.equal(codeIn(answer.text), 'valid')
    await setImmediate()
  }
}

function codeIn(text: string): unknown {
  return (JSON.parse(text) as { readonly code?: unknown }).code
}
