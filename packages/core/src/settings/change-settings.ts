import { callerGuards } from '../log/guards.ts'
import { authorise, requireWhole } from '../access/authorise.ts'
import { actorOf, type Caller } from '../domain/caller.ts'
import { replaced, takesFrom, type Catalogue, type CatalogueAsk } from '../domain/catalogue.ts'
import { deployment, type Action, type Change, type Effect } from '../log/change.ts'
import { commit, settle, type Conflict } from '../log/commit.ts'
import { Cutter, endBeyondPolicy, walkLiveTokens, type Cut } from './enforce.ts'
import { notFound } from '../domain/failure.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import { canonicalJson, type JsonObject } from '../domain/json.ts'
import { policyDifference, requireCoherentPolicy, requirePolicyRight } from './policy-change.ts'
import { endOf, isShorterLongest, isTighter, type Policy, type PolicyOverride } from '../domain/policy.ts'
import type { Ports } from '../ports.ts'
import { rulesOf, type Settings } from '../domain/settings.ts'
import { isLater, type EpochMs } from '../domain/time.ts'

/** @throws `scope-missing`, `not-permitted` for whoever has no right over the whole deployment. */
export async function readSettings(ports: Ports, caller: Caller): Promise<Settings> {
  requireWhole(authorise(caller, 'settings.read'), 'see the settings')
  return currentSettings(ports)
}

/** The settings, in a state that holds everywhere. */
async function currentSettings(ports: Ports): Promise<Settings> {
  const settings = await ports.settings.read()
  await ports.freshness.reach(settings.changedSeq)
  return settings
}

/**
 * Sets the policy, and revokes what it has no place for before it answers: see `endBeyondPolicy`. What `previewPolicy`
 * tells is what this does. Setting the same again finishes what was interrupted.
 * @throws `scope-missing`, `not-permitted`, `invalid-request` for a policy that contradicts itself, naming both parts.
 */
export async function changePolicy(ports: Ports, caller: Caller, policy: Policy): Promise<Settings> {
  requirePolicyRight(caller)
  requireCoherentPolicy(policy)
  // What policy has ended stays ended: a looser one must not bring it back.
  const held = await currentSettings(ports)
  if (isShorterLongest(policy, held.policy)) await endBeyondPolicy(ports, caller)
  const settings = await settle(ports, caller, async (current) => {
    requirePolicyRight(current)
    const before = await currentSettings(ports)
    const details = policyDifference(before.policy, policy)
    if (Object.keys(details).length === 0) return before
    const effect = isTighter(before.policy, policy) ? 'takes' : 'gives'
    return save(ports, current, { ...before, policy }, { action: 'deployment.policy_changed', effect, details })
  })
  await endBeyondPolicy(ports, caller)
  return settings
}

/** What a change of policy would cut. */
export interface PolicyPreview {
  readonly tokensNow: number
  readonly tokensLater: number
  /** In the order of their creation, at most `previewCutsMax`. */
  readonly cuts: readonly Cut[]
  /** Everybody who would lose a token, at most `previewOwnersMax`. */
  readonly owners: readonly OwnerLoss[]
  readonly ownerCount: number
}

export interface OwnerLoss {
  readonly accountId: AccountId | null
  readonly projectId: ProjectId | null
  readonly now: number
  readonly later: number
  /** When its first token ends. */
  readonly firstAt: EpochMs
}

export const previewCutsMax = 1_000
export const previewOwnersMax = 1_000

/**
 * What setting a policy now would cut, beyond what the policy in force cuts already. Changes nothing.
 * Parts that are left out stay as they are in force.
 * @param asked.projectId whose own part would be replaced, instead of the deployment's policy
 * @throws like `changePolicy`, and `not-found`.
 */
export async function previewPolicy(
  ports: Ports,
  caller: Caller,
  { projectId, policy }: { readonly policy: Partial<Policy>; readonly projectId?: ProjectId },
): Promise<PolicyPreview> {
  requirePolicyRight(caller)
  const settings = await currentSettings(ports)
  const whole: Policy = { ...settings.policy, ...policy }
  requireCoherentPolicy(whole)
  const range = projectId === undefined ? {} : { projectId }
  if (projectId !== undefined && (await ports.projects.find(projectId)) === undefined) throw notFound('project')
  const policyAfter = (override: PolicyOverride | undefined): Policy => {
    return projectId === undefined ? rulesOf({ ...settings, policy: whole }, override).policy : whole
  }
  const now = ports.clock.now()
  const cutter = new Cutter(now)
  const tally = new Tally(now)
  for await (const page of walkLiveTokens(ports, range, now)) {
    for (const { token, project } of page) {
      const cut = cutter.next(token, policyAfter(project?.policy))
      const endsAt = endOf(token, rulesOf(settings, project?.policy).policy)
      if (cut !== undefined && isLater(endsAt, cut.at)) tally.add(cut)
    }
  }
  return tally.preview()
}

/** Adds up cuts, without keeping more of them than are told. */
class Tally {
  readonly #now: EpochMs
  readonly #cuts: Cut[] = []
  readonly #owners = new Map<string, OwnerLoss>()
  #tokensNow = 0
  #tokensLater = 0

  constructor(now: EpochMs) {
    this.#now = now
  }

  add(cut: Cut): void {
    const isNow = cut.at <= this.#now
    if (isNow) this.#tokensNow += 1
    else this.#tokensLater += 1
    if (this.#cuts.length < previewCutsMax) this.#cuts.push(cut)
    const { accountId, projectId } = cut.token
    const ownerId = (projectId ?? accountId)!
    const { now, later, firstAt } = this.#owners.get(ownerId) ?? { now: 0, later: 0, firstAt: cut.at }
    this.#owners.set(ownerId, {
      accountId,
      projectId,
      now: now + (isNow ? 1 : 0),
      later: later + (isNow ? 0 : 1),
      firstAt: Math.min(firstAt, cut.at),
    })
  }

  preview(): PolicyPreview {
    return {
      tokensNow: this.#tokensNow,
      tokensLater: this.#tokensLater,
      cuts: this.#cuts,
      owners: [...this.#owners.values()].slice(0, previewOwnersMax),
      ownerCount: this.#owners.size,
    }
  }
}

/** The catalogue of the platform's own scopes, for whoever has a credential: what may be given is no secret. */
export async function readCatalogue(ports: Ports): Promise<Catalogue | null> {
  return (await currentSettings(ports)).catalogue
}

/**
 * Replaces the catalogue. It never widens a token: see `Catalogue`.
 * @throws `scope-missing`, `not-permitted`, `invalid-request` naming the entry that cannot be one.
 */
export async function replaceCatalogue(
  ports: Ports,
  caller: Caller,
  asked: readonly CatalogueAsk[],
): Promise<Catalogue> {
  const settings = await settle(ports, caller, async (current) => {
    requireWhole(authorise(current, 'settings.write'), 'change the catalogue of scopes')
    const before = await currentSettings(ports)
    const catalogue = replaced(before.catalogue, asked)
    const details = catalogueDifference(before.catalogue, catalogue)
    if (Object.keys(details).length === 0) return before
    const effect = takesFrom(before.catalogue, catalogue) ? 'takes' : 'gives'
    return save(ports, current, { ...before, catalogue }, { action: 'deployment.scopes_changed', effect, details })
  })
  return settings.catalogue!
}

/** What the log says of a change of the catalogue; empty when there is none. */
function catalogueDifference(before: Catalogue | null, after: Catalogue): JsonObject {
  const held = before?.entries ?? {}
  const names = Object.keys(after.entries)
  const added = names.filter((name) => held[name] === undefined)
  const removed = Object.keys(held).filter((name) => after.entries[name] === undefined)
  const changed = names.filter((name) => {
    const entry = held[name]
    return entry !== undefined && canonicalJson({ ...entry }) !== canonicalJson({ ...after.entries[name]! })
  })
  const parts = Object.entries({ added, removed, changed }).filter(([, list]) => list.length > 0)
  return Object.fromEntries(parts)
}

interface Saving {
  readonly action: Action
  readonly effect: Effect
  readonly details: JsonObject
}

async function save(ports: Ports, caller: Caller, settings: Settings, saving: Saving): Promise<Settings | Conflict> {
  const change: Change = {
    ...saving,
    at: ports.clock.now(),
    actor: actorOf(caller),
    subject: deployment,
    write: { put: 'settings', settings },
    guards: callerGuards(caller),
  }
  const outcome = await commit(ports, [change])
  if (outcome.outcome === 'conflict') return outcome
  const [written] = outcome.written
  if (written?.type !== 'settings') throw new Error('settings were committed and not given back')
  return written.settings
}
