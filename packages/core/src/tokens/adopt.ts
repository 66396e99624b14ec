import { callerInForce, readRules } from '../access/rules.ts'
import { callerGuards, projectGuard } from '../log/guards.ts'
import { authorise } from '../access/authorise.ts'
import { requireNoGrowth } from '../access/grow.ts'
import { findProjectToSee, requireManager } from '../access/project-access.ts'
import { findToSee } from '../access/token-access.ts'
import { accountIdOf, actorOf, type Caller } from '../domain/caller.ts'
import { Failure } from '../domain/failure.ts'
import type { TokenId } from '../domain/id.ts'
import { inForce } from '../domain/settings.ts'
import { requireNotEnded, type Token } from '../domain/token.ts'
import { commit, settle } from '../log/commit.ts'
import type { Ports } from '../ports.ts'
import { requireRoomBelow } from './issue.ts'

/**
 * Takes over a token of a project, so that it outlives the membership of whoever made it, and the tokens of theirs that
 * it was made with.
 * @throws `not-found`, `not-permitted` for whoever does not manage the project, `exceeds-caller`, `token-ended`.
 */
export async function adoptToken(ports: Ports, caller: Caller, id: TokenId): Promise<Token> {
  return settle(ports, caller, async (current) => {
    const reach = authorise(current, 'tokens.adopt')
    const before = await findToSee(ports, reach, id)
    if (before.projectId === null) {
      throw new Failure('not-permitted', 'Only the tokens of a project can be taken over.')
    }
    const project = await findProjectToSee(ports, reach, before.projectId)
    requireManager(reach, project)
    const rules = await readRules(ports, before.projectId)
    requireNotEnded(inForce(before, rules), ports.clock.now())
    const adopter = accountIdOf(current)
    if (adopter === before.createdBy) return before
    await requireRoomBelow(ports, current)
    // As if the adopter had made it: what ends or bounds the tokens of whoever leaves reaches it no more.
    const parentTokenId = current.type === 'token' ? current.token.id : null
    const after: Token = { ...before, createdBy: adopter, parentTokenId }
    requireNoGrowth(await callerInForce(ports, current), inForce(after, rules))
    const outcome = await commit(ports, [
      {
        at: ports.clock.now(),
        actor: actorOf(current),
        action: 'token.adopted',
        effect: 'none',
        subject: { type: 'token', id: after.id },
        details: { from: before.createdBy, to: adopter },
        write: { put: 'token', token: after },
        guards: [...callerGuards(current), projectGuard(project), ...rules.guards],
      },
    ])
    if (outcome.outcome === 'conflict') return outcome
    const [written] = outcome.written
    if (written?.type !== 'token') throw new Error('a token was committed and not given back')
    return written.token
  })
}
