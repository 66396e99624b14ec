import { actorOf, operatorCaller, systemActor, type Actor } from './domain/caller.ts'
import { deployment, type Change } from './log/change.ts'
import { commit } from './log/commit.ts'
import { Failure } from './domain/failure.ts'
import type { Ports } from './ports.ts'
import { secretAge } from './domain/rotation.ts'
import type { EpochMs } from './domain/time.ts'
import { keptAfterEndMs, revoked, type Token } from './domain/token.ts'

const batchMax = 100

const operator: Actor = actorOf(operatorCaller)

/**
 * Removes the tokens that ended more than 30 days ago; only the log knows them afterwards.
 * @returns how many were removed; fewer than there were when others changed them meanwhile.
 */
export async function forgetEnded(ports: Ports): Promise<number> {
  let forgotten = 0
  for (;;) {
    const now = ports.clock.now()
    const ended = await ports.tokens.listEnded(now - keptAfterEndMs, batchMax)
    if (ended.length === 0) return forgotten
    const outcome = await commit(
      ports,
      ended.map((token) => tokenChange(token, 'token.forgotten', now, { remove: 'token', token })),
    )
    if (outcome.outcome === 'conflict') return forgotten
    forgotten += ended.length
  }
}

/** Moves a secret to the current master key, now that its string is at hand. Does nothing if the token changed. */
export async function rekey(ports: Ports, token: Token, presented: string): Promise<void> {
  const digest = ports.keys.digest(presented)
  const isOld = secretAge(ports.keys, token, presented) === 'old' && token.rotation !== null
  const moved = isOld ? { ...token, rotation: { ...token.rotation, oldDigest: digest } } : { ...token, digest }
  await commit(ports, [tokenChange(token, 'token.rekeyed', ports.clock.now(), { put: 'token', token: moved })])
}

/** What retiring a master key would end. */
export interface RetirementPreview {
  /** Live tokens that were not used since the current key came, at most `listedMax` of them. */
  readonly tokens: readonly Token[]
}

const listedMax = 10_000

export async function previewRetirement(ports: Ports, keyId: string): Promise<RetirementPreview> {
  return { tokens: await ports.tokens.listByKey(keyId, ports.clock.now(), listedMax) }
}

/**
 * Ends every token that still depends on a master key and seals anew what was sealed under it, so that the key can be
 * taken off the ring. What these tokens made under a later key lives on.
 * @returns how many tokens were revoked.
 * @throws `not-permitted` for the current key, since everything depends on it.
 */
export async function retireKey(ports: Ports, keyId: string): Promise<number> {
  if (ports.keys.isCurrent(`${keyId}:`)) {
    throw new Failure(
      'not-permitted',
      `The key ${keyId} is the current one: add a new current key before you retire it.`,
    )
  }
  let count = 0
  for (;;) {
    const now = ports.clock.now()
    const dependent = await ports.tokens.listByKey(keyId, now, batchMax)
    if (dependent.length === 0) break
    const outcome = await commit(
      ports,
      dependent.map((token) => keyRevocation(token, now)),
    )
    if (outcome.outcome === 'committed') count += dependent.length
  }
  await ports.housekeeping.reseal()
  await commit(ports, [keyChange('deployment.key_retired', keyId, ports.clock.now())])
  return count
}

/**
 * Puts into the log which master key is the current one, unless the log knows it: with the first entry of all, and
 * when a key was added since. To be called at every start.
 */
export async function noteMasterKey(ports: Ports, keyId: string): Promise<void> {
  const isNew = ports.freshness.position.seq === 0
  if (!isNew && (await isKeyNoted(ports, keyId))) return
  const action = isNew ? 'deployment.started' : 'deployment.key_added'
  await commit(ports, [keyChange(action, keyId, ports.clock.now())])
}

const notedMax = 200

async function isKeyNoted(ports: Ports, keyId: string): Promise<boolean> {
  for (const action of ['deployment.started', 'deployment.key_added'] as const) {
    const { items } = await ports.log.read({ action, limit: notedMax })
    if (items.some(({ details }) => details.key === keyId)) return true
  }
  return false
}

type KeyAction = 'deployment.started' | 'deployment.key_added' | 'deployment.key_retired'

function keyChange(action: KeyAction, keyId: string, at: EpochMs): Change {
  return {
    at,
    actor: operator,
    action,
    effect: 'none',
    subject: deployment,
    details: { key: keyId },
    write: { put: 'nothing' },
    guards: [],
  }
}

function keyRevocation(token: Token, at: EpochMs): Change {
  const ended = revoked(token, at, 'master key retired')
  return {
    ...tokenChange(token, 'token.revoked', at, { put: 'token', token: ended }),
    actor: operator,
    effect: 'takes',
  }
}

function tokenChange(token: Token, action: Change['action'], at: EpochMs, write: Change['write']): Change {
  return {
    at,
    actor: systemActor,
    action,
    effect: 'none',
    subject: { type: 'token', id: token.id },
    details: {},
    write,
    guards: [],
  }
}
