import { callerGuards } from '../log/guards.ts'
import { isSameIdentity, type Account, type AccountRole, type AccountStatus, type Identity } from '../domain/account.ts'
import { authorise, isWithin, requireWhole, type Reach } from '../access/authorise.ts'
import { accountIdOf, actorOf, type Caller } from '../domain/caller.ts'
import type { Action, Change, Effect, Guard } from '../log/change.ts'
import { commit, settle, writtenAccount, type Conflict } from '../log/commit.ts'
import { Failure, notFound } from '../domain/failure.ts'
import { requireMayTouchAdministrators } from '../access/grow.ts'
import { newAccountId, newUuid, type AccountId } from '../domain/id.ts'
import type { Json } from '../domain/json.ts'
import { makeOnce, onceOf, requireSameRequest, type OnceAsk } from '../log/once.ts'
import type { AccountQuery, Page, Ports } from '../ports.ts'

/** What somebody asks of an account to be made. */
export interface AccountAsk {
  readonly username: string
  readonly email?: string | null
  readonly name?: string
  readonly role?: AccountRole
  readonly externalId?: string | null
  readonly identity?: Identity | null
  readonly password?: string
}

/** What may be changed of an account; what is left out stays. */
export interface AccountEdit {
  readonly username?: string
  readonly email?: string | null
  readonly name?: string
  readonly role?: AccountRole
  readonly status?: AccountStatus
  readonly externalId?: string | null
  readonly identity?: Identity | null
}

/** What people may change of their own account. */
const ownFields: readonly (keyof AccountEdit)[] = ['email', 'name']

export interface AccountMade {
  /** Whether the same idempotency key had made it before. */
  readonly repeated: boolean
  readonly account: Account
}

/**
 * @throws `not-permitted`, `already-taken` naming the field, `exceeds-caller` for an administrator,
 *   `idempotency-key-reused`.
 */
export async function createAccount(
  ports: Ports,
  caller: Caller,
  ask: AccountAsk,
  once?: OnceAsk,
): Promise<AccountMade> {
  requireWhole(authorise(caller, 'accounts.write'), 'create accounts')
  const make = async (): Promise<AccountMade> => {
    const passwordHash = ask.password === undefined ? null : await ports.passwords.hash(ask.password)
    return settle(ports, caller, (current) => tryToCreate(ports, current, newAccount(ports, ask, passwordHash), once))
  }
  const again = async (id: string) => ({ repeated: true, account: await readMade(ports, id) })
  return makeOnce(ports, caller, once, make, again)
}

async function tryToCreate(
  ports: Ports,
  caller: Caller,
  account: Account,
  once: OnceAsk | undefined,
): Promise<AccountMade | Conflict> {
  requireWhole(authorise(caller, 'accounts.write'), 'create accounts')
  if (account.role === 'admin') requireMayTouchAdministrators(caller)
  const change = accountCreation(caller, account, callerGuards(caller))
  const outcome = await commit(ports, [change], once && onceOf(ports, caller, once, account.createdAt))
  if (outcome.outcome === 'conflict') return outcome
  if (outcome.outcome === 'repeated') {
    if (once !== undefined) requireSameRequest(ports, outcome.first, once)
    return { repeated: true, account: await readMade(ports, outcome.first.subjectId) }
  }
  return { repeated: false, account: writtenAccount(outcome) }
}

async function readMade(ports: Ports, id: string): Promise<Account> {
  const account = await ports.accounts.find(id as AccountId)
  if (account === undefined) throw notFound('account')
  return account
}

export function newAccount(ports: Ports, ask: AccountAsk, passwordHash: string | null): Account {
  return {
    id: newAccountId(ports.random),
    serial: 0,
    uuid: newUuid(ports.random),
    username: ask.username,
    email: ask.email ?? null,
    name: ask.name ?? '',
    role: ask.role ?? 'member',
    status: 'active',
    externalId: ask.externalId ?? null,
    identity: ask.identity ?? null,
    passwordHash,
    createdAt: ports.clock.now(),
    changedSeq: 0,
    lastSignInAt: null,
  }
}

export function accountCreation(caller: Caller, account: Account, guards: readonly Guard[]): Change {
  return {
    at: account.createdAt,
    actor: actorOf(caller),
    action: 'account.created',
    effect: 'gives',
    subject: { type: 'account', id: account.id },
    details: {
      username: account.username,
      role: account.role,
      external_id: account.externalId,
      ...(account.identity === null ? {} : { identity: { ...account.identity } }),
    },
    write: { put: 'account', account },
    guards,
  }
}

/** @throws `not-found` for one that the caller may not see. */
export async function readAccount(ports: Ports, caller: Caller, id: AccountId): Promise<Account> {
  return findWithin(ports, authorise(caller, 'accounts.read'), id)
}

/** The account that the caller speaks for. @throws `not-found` for managers. */
export async function readOwnAccount(ports: Ports, caller: Caller): Promise<Account> {
  authorise(caller, 'accounts.read-own')
  return findOwn(ports, caller)
}

/** @throws `not-permitted` for whoever does not reach the whole deployment. */
export async function listAccounts(ports: Ports, caller: Caller, query: AccountQuery): Promise<Page<Account>> {
  requireWhole(authorise(caller, 'accounts.read'), 'list accounts')
  const page = await ports.accounts.list(query)
  await ports.freshness.reach(Math.max(0, ...page.items.map((account) => account.changedSeq)))
  return page
}

/**
 * Changes an account. Disabling it ends its sessions and refuses its tokens; enabling it lets the tokens live again. An
 * identity that is replaced or taken away ends the sessions too.
 * @throws `not-found`, `not-permitted` for fields that only others may change, `already-taken`, `last-administrator`,
 *   `last-sign-in-method` for whoever would lock themselves out, `exceeds-caller` where an administrator is made or touched by less than one.
 */
export async function changeAccount(ports: Ports, caller: Caller, id: AccountId, edit: AccountEdit): Promise<Account> {
  return settle(ports, caller, async (current) => {
    const reach = authorise(current, 'accounts.write')
    return tryToChange(ports, current, await findWithin(ports, reach, id), edit, reach)
  })
}

/** Changes what people may change of the account that they speak for. */
export async function changeOwnAccount(ports: Ports, caller: Caller, edit: AccountEdit): Promise<Account> {
  return settle(ports, caller, async (current) => {
    authorise(current, 'accounts.write')
    const before = await findOwn(ports, current)
    return tryToChange(ports, current, before, edit, { whole: false, accountId: before.id, projectId: null })
  })
}

async function tryToChange(
  ports: Ports,
  caller: Caller,
  before: Account,
  edit: AccountEdit,
  reach: Reach,
): Promise<Account | Conflict> {
  const edits = Object.entries(edit).filter(([, value]) => value !== undefined)
  const changed = edits.filter(([field]) => differs(before, { ...before, ...edit }, field as keyof AccountEdit))
  const foreign = changed.find(([field]) => !ownFields.includes(field as keyof AccountEdit))
  if (!reach.whole && foreign !== undefined) {
    throw new Failure('not-permitted', `Only an administrator or a manager token may change the ${foreign[0]}.`)
  }
  if (changed.length === 0) return before
  const after: Account = { ...before, ...Object.fromEntries(changed) }
  const isOwn = accountIdOf(caller) === before.id
  if (isOwn && losesIdentity(before, after) && after.identity === null) requirePassword(before)
  if ((before.role === 'admin' && !isOwn) || after.role !== before.role) requireMayTouchAdministrators(caller)
  const outcome = await commit(ports, [changing(ports, caller, before, after)])
  return outcome.outcome === 'conflict' ? outcome : writtenAccount(outcome)
}

function changing(ports: Ports, caller: Caller, before: Account, after: Account): Change {
  const fields = ['username', 'email', 'name', 'role', 'status', 'externalId', 'identity'] as const
  const changed = fields.filter((field) => differs(before, after, field))
  const isDisabling = before.status === 'active' && after.status === 'disabled'
  return {
    at: ports.clock.now(),
    actor: actorOf(caller),
    action: actionOf(before, after),
    effect: effectOfAccount(before, after),
    subject: { type: 'account', id: after.id },
    details: Object.fromEntries(
      changed.map((field) => [
        field === 'externalId' ? 'external_id' : field,
        { from: shown(before[field]), to: shown(after[field]) },
      ]),
    ),
    write: {
      put: 'account',
      account: after,
      ...(isDisabling || losesIdentity(before, after) ? { endSessions: true } : {}),
      ...(isDisabling ? { endTokens: 'made-for-projects' } : {}),
    },
    guards: [...callerGuards(caller), ...administratorGuards(before, after)],
  }
}

function differs(before: Account, after: AccountEdit, field: keyof AccountEdit): boolean {
  if (field === 'identity') return !isSameIdentity(before.identity, after.identity ?? null)
  return before[field] !== after[field]
}

function shown(value: string | Identity | null): Json {
  return typeof value === 'object' && value !== null ? { ...value } : value
}

/** To be asked before people take single sign-on from themselves. @throws `last-sign-in-method`. */
export function requirePassword({ passwordHash }: Account): void {
  if (passwordHash !== null) return
  const message =
    'Without single sign-on you could not sign in any more: this account has no password. Ask an administrator to set one first.'
  throw new Failure('last-sign-in-method', message)
}

/** Whoever the provider vouched for until now is no longer meant. */
function losesIdentity(before: Account, after: Account): boolean {
  return before.identity !== null && !isSameIdentity(before.identity, after.identity)
}

/** Only a change that ends an administrator asks whether one remains: a deployment may be run by manager tokens alone. */
function administratorGuards(before: Account, after: Account): Guard[] {
  return isAdministrator(before) && !isAdministrator(after) ? [{ guard: 'administrator-remains' }] : []
}

function isAdministrator({ role, status }: Account): boolean {
  return role === 'admin' && status === 'active'
}

function actionOf(before: Account, after: Account): Action {
  if (before.status === after.status) return 'account.updated'
  return after.status === 'disabled' ? 'account.disabled' : 'account.enabled'
}

/** Whether anything that the account could do before it cannot do afterwards. */
export function effectOfAccount(before: Account, after: Account): Effect {
  const isDisabled = before.status === 'active' && after.status === 'disabled'
  const isDemoted = before.role === 'admin' && after.role !== 'admin'
  if (isDisabled || isDemoted || losesIdentity(before, after)) return 'takes'
  return before.status === after.status && before.role === after.role ? 'none' : 'gives'
}

/** An account within reach, in a state that holds everywhere. */
async function findWithin(ports: Ports, reach: Reach, id: AccountId): Promise<Account> {
  const account = isWithin(reach, id) ? await ports.accounts.find(id) : undefined
  if (account === undefined) throw notFound('account')
  await ports.freshness.reach(account.changedSeq)
  return account
}

async function findOwn(ports: Ports, caller: Caller): Promise<Account> {
  const id = accountIdOf(caller)
  const account = id === null ? undefined : await ports.accounts.find(id)
  if (account === undefined) {
    throw new Failure('not-found', 'This credential speaks for no account. Name the account by its id.')
  }
  await ports.freshness.reach(account.changedSeq)
  return account
}
