import type { Account, AccountRole, AccountStatus, Identity } from '../domain/account.ts'
import type { AccountId } from '../domain/id.ts'
import type { Page, PagePosition } from './page.ts'

export interface AccountStore {
  find(id: AccountId): Promise<Account | undefined>
  /** By user name without regard to case. */
  findByUsername(username: string): Promise<Account | undefined>
  /** By e-mail address without regard to case. */
  findByEmail(email: string): Promise<Account | undefined>
  /** By issuer and subject, both as they are. */
  findByIdentity(identity: Identity): Promise<Account | undefined>
  list(query: AccountQuery): Promise<Page<Account>>
  /** Whether there is an account with the role `admin`, active or disabled. */
  hasAdministrator(): Promise<boolean>
}

export interface AccountQuery {
  readonly role?: AccountRole
  readonly status?: AccountStatus
  readonly externalId?: string
  /** Matches where the user name, the e-mail address or the name contains it, without regard to case. */
  readonly text?: string
  readonly limit: number
  readonly after?: PagePosition
}
