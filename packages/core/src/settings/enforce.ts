import { projectGuard, settingsGuard } from '../log/guards.ts'
import { actorOf, systemActor, type Actor, type Caller } from '../domain/caller.ts'
import type { Change, Guard } from '../log/change.ts'
import { commit } from '../log/commit.ts'
import { Failure } from '../domain/failure.ts'
import type { ProjectId } from '../domain/id.ts'
import { endOf, policyNames, type Policy } from '../domain/policy.ts'
import type { PagePosition, Ports } from '../ports.ts'
import type { Project } from '../domain/project.ts'
import { rulesOf } from '../domain/settings.ts'
import { isLater, type EpochMs } from '../domain/time.ts'
import { revoked, type Token } from '../domain/token.ts'

/** What a policy does to one token that it leaves less than the token has by itself. */
export interface Cut {
  readonly token: Token
  /** When it ends: at once, or later, when the longest lifetime is over. */
  readonly at: EpochMs
  readonly because: CutCause
}

export type CutCause = 'longestLifetimeSeconds' | 'permanentTokensMax' | 'tokensPerOwnerMax'

/**
 * Says of live tokens, told one after the other from the oldest to the newest, what a policy cuts at this moment. Limits
 * on counts leave an owner its oldest tokens and cut the newest beyond the limit.
 */
export class Cutter {
  readonly #now: EpochMs
  readonly #kept = new Map<string, { live: number; permanent: number }>()

  constructor(now: EpochMs) {
    this.#now = now
  }

  next(token: Token, policy: Policy): Cut | undefined {
    const now = this.#now
    const ownerId = token.projectId ?? token.accountId
    if (ownerId === null) return undefined
    const endsAt = endOf(token, policy)
    if (endsAt !== null && endsAt <= now) return { token, at: now, because: 'longestLifetimeSeconds' }
    const kept = this.#kept.get(ownerId) ?? { live: 0, permanent: 0 }
    const isPermanent = token.expiresAt === null
    if (isPermanent && kept.permanent >= policy.permanentTokensMax) {
      return { token, at: now, because: 'permanentTokensMax' }
    }
    if (kept.live >= policy.tokensPerOwnerMax) return { token, at: now, because: 'tokensPerOwnerMax' }
    this.#kept.set(ownerId, { live: kept.live + 1, permanent: kept.permanent + (isPermanent ? 1 : 0) })
    if (endsAt === null || !isLater(token.expiresAt, endsAt)) return undefined
    return { token, at: endsAt, because: 'longestLifetimeSeconds' }
  }
}

/** Which tokens are meant: all, or those of one project. */
export interface CutRange {
  readonly projectId?: ProjectId
}

const pageTokensMax = 200

/** A live token, with its project if it belongs to one. */
export interface LiveToken {
  readonly token: Token
  readonly project: Project | undefined
}

/** The live tokens, from the oldest to the newest, a page at a time. */
export async function* walkLiveTokens(ports: Ports, range: CutRange, now: EpochMs): AsyncGenerator<LiveToken[]> {
  const projects = new Map<ProjectId, Project | undefined>()
  const query = { ...range, statuses: ['active', 'suspended'], now, sort: 'created_at', descending: false } as const
  let after: PagePosition | undefined
  do {
    const page = await ports.tokens.list({ ...query, limit: pageTokensMax, ...(after === undefined ? {} : { after }) })
    for (const { projectId } of page.items) {
      if (projectId === null || projects.has(projectId)) continue
      projects.set(projectId, await ports.projects.find(projectId))
    }
    yield page.items.map((token) => ({
      token,
      project: token.projectId === null ? undefined : projects.get(token.projectId),
    }))
    after = page.next
  } while (after !== undefined)
}

const attemptsMax = 8

/**
 * Revokes what the policy in force has no place for: tokens beyond the limits on counts, the newest of each owner, and
 * those whose longest lifetime is over, which nothing accepts any more. What they made is judged by itself. Whoever asks
 * for it was allowed to already, so it goes on whatever becomes of the caller. Doing it again changes nothing more.
 * @returns how many tokens were revoked.
 * @throws `changed-meanwhile` when others keep changing the same tokens; what was revoked until then stays so.
 */
export async function endBeyondPolicy(ports: Ports, caller: Caller, range: CutRange = {}): Promise<number> {
  return endAll(ports, actorOf(caller), range)
}

async function endAll(ports: Ports, actor: Actor, range: CutRange): Promise<number> {
  let count = 0
  for (let tries = 1; tries <= attemptsMax; tries += 1) {
    const { ended, isWhole } = await endOnce(ports, actor, range)
    count += ended
    if (isWhole) return count
  }
  throw new Failure(
    'changed-meanwhile',
    'Tokens beyond the policy kept changing. The policy is set: repeat your request.',
  )
}

async function endOnce(ports: Ports, actor: Actor, range: CutRange): Promise<{ ended: number; isWhole: boolean }> {
  const now = ports.clock.now()
  const settings = await ports.settings.read()
  const cutter = new Cutter(now)
  let ended = 0
  for await (const page of walkLiveTokens(ports, range, now)) {
    const endings = page.flatMap(({ token, project }) => {
      const cut = cutter.next(token, rulesOf(settings, project?.policy).policy)
      if (cut === undefined || cut.at > now) return []
      return [ending(actor, cut, [settingsGuard(settings), ...(project === undefined ? [] : [projectGuard(project)])])]
    })
    if (endings.length === 0) continue
    const outcome = await commit(ports, endings)
    if (outcome.outcome === 'conflict') return { ended, isWhole: false }
    ended += endings.length
  }
  return { ended, isWhole: true }
}

/** @param guards what must be as it was when the policy was read, or the token might have a place after all */
function ending(actor: Actor, { token, at, because }: Cut, guards: readonly Guard[]): Change {
  return {
    at,
    actor,
    action: 'token.revoked',
    effect: 'takes',
    subject: { type: 'token', id: token.id },
    details: { reason: 'policy', because: policyNames[because], label: token.label },
    write: { put: 'token', token: revoked(token, at, 'policy') },
    guards,
  }
}

/**
 * Ends for good the tokens whose longest lifetime is over, so that lists and counts say of them what verification says
 * already. To be called now and then.
 */
export async function endOverdue(ports: Ports): Promise<number> {
  const { policy } = await ports.settings.read()
  if (policy.longestLifetimeSeconds !== null) return endAll(ports, systemActor, {})
  let count = 0
  for await (const projectId of walkProjectsWithLongest(ports)) count += await endAll(ports, systemActor, { projectId })
  return count
}

const pageProjectsMax = 200

/** The active projects that have a longest lifetime of their own; archived ones have no live tokens. */
async function* walkProjectsWithLongest(ports: Ports): AsyncGenerator<ProjectId> {
  let after: PagePosition | undefined
  do {
    const limits = { limit: pageProjectsMax, ...(after === undefined ? {} : { after }) }
    const page = await ports.projects.list({ status: 'active', ...limits })
    for (const { id, policy } of page.items) if (typeof policy.longestLifetimeSeconds === 'number') yield id
    after = page.next
  } while (after !== undefined)
}
