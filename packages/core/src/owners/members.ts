import { authorise } from '../access/authorise.ts'
import {
  findProjectToManage,
  findProjectToSee,
  requireActiveAccount,
  requireManager,
  requireOwner,
} from '../access/project-access.ts'
import type { Caller } from '../domain/caller.ts'
import { Failure, notFound } from '../domain/failure.ts'
import type { AccountId, ProjectId } from '../domain/id.ts'
import { memberOf, membersMax, type Member, type MemberRole, type Project } from '../domain/project.ts'
import type { Guard } from '../log/change.ts'
import { settle } from '../log/commit.ts'
import type { Ports } from '../ports.ts'
import { saveProject } from './projects.ts'

/** Who belongs to a project. @throws `scope-missing`, `not-found` for one that the caller is no member of. */
export async function readMembers(ports: Ports, caller: Caller, id: ProjectId): Promise<NamedMember[]> {
  const { members } = await findProjectToSee(ports, authorise(caller, 'projects.read-members'), id)
  return nameMembers(ports, members)
}

/**
 * Makes an account a member, or gives a member another role.
 * @param mustExist whether only the role of somebody who is a member already may be changed.
 * @throws `not-found`, `not-permitted`, `last-owner`, `member-limit-reached`, `project-archived`.
 */
export async function putMember(
  ports: Ports,
  caller: Caller,
  id: ProjectId,
  accountId: AccountId,
  role: MemberRole,
  { mustExist = false }: { mustExist?: boolean } = {},
): Promise<Member> {
  const project = await settle(ports, caller, async (current) => {
    const reach = authorise(current, 'projects.write')
    const before = await findProjectToManage(ports, current, id)
    const held = memberOf(before, accountId)
    if (held?.role === role) return before
    if (held === undefined && mustExist) {
      throw new Failure('not-found', 'This account is no member of the project. Add it first.')
    }
    if (role === 'owner' || held?.role === 'owner') requireOwner(reach, before, 'make or unmake owners')
    if (held === undefined) await requireActiveAccount(ports, accountId)
    const guards: Guard[] = held === undefined ? [{ guard: 'account-active', id: accountId }] : []
    const member: Member = { accountId, role, since: held?.since ?? ports.clock.now() }
    const others = before.members.filter((one) => one.accountId !== accountId)
    if (others.length >= membersMax) {
      throw new Failure('member-limit-reached', `A project has at most ${membersMax} members.`)
    }
    const after = { ...before, members: [...others, member] }
    requireAnOwner(after)
    return saveProject(ports, current, after, {
      action: held === undefined ? 'project.member_added' : 'project.member_changed',
      effect: held === undefined ? 'gives' : 'takes',
      details: { account_id: accountId, role },
      guards,
    })
  })
  return memberOf(project, accountId)!
}

/**
 * Ends a membership: a manager removes a member, or a member leaves. The tokens of the project that the account made
 * end with it. For whoever is no member nothing happens.
 * @throws `not-found`, `not-permitted`, `last-owner`.
 */
export async function removeMember(ports: Ports, caller: Caller, id: ProjectId, accountId: AccountId): Promise<void> {
  await settle(ports, caller, async (current) => {
    const reach = authorise(current, 'projects.write')
    const before = await findProjectToSee(ports, reach, id)
    const isLeaving = reach.whole ? false : reach.accountId === accountId
    if (!isLeaving) requireManager(reach, before)
    const held = memberOf(before, accountId)
    if (held === undefined) return before
    if (held.role === 'owner' && !isLeaving) requireOwner(reach, before, 'remove owners')
    const after = { ...before, members: before.members.filter((one) => one.accountId !== accountId) }
    requireAnOwner(after)
    return saveProject(ports, current, after, {
      action: 'project.member_removed',
      effect: 'takes',
      details: { account_id: accountId },
      endTokens: { createdBy: accountId },
    })
  })
}

/** A member with what people call it. */
export interface NamedMember extends Member {
  readonly username: string
  readonly name: string
}

/** Members with their names, for whoever may see who is in the project. */
export function nameMembers(ports: Ports, members: readonly Member[]): Promise<NamedMember[]> {
  return Promise.all(
    members.map(async (member) => {
      const account = await ports.accounts.find(member.accountId)
      return { ...member, username: account?.username ?? '', name: account?.name ?? '' }
    }),
  )
}

/**
 * The account with this user name, for whoever may add it to a project.
 * @throws `not-found`, also for those who manage no project.
 */
export async function findAccountToAdd(
  ports: Ports,
  caller: Caller,
  id: ProjectId,
  username: string,
): Promise<AccountId> {
  await findProjectToManage(ports, caller, id)
  const account = await ports.accounts.findByUsername(username)
  if (account === undefined) throw notFound('account')
  return account.id
}

function requireAnOwner(project: Project): void {
  if (project.members.some((member) => member.role === 'owner')) return
  throw new Failure('last-owner', 'This is the last owner of the project. Make somebody else an owner first.')
}
