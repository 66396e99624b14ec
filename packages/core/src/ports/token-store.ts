import type { TokenKind } from '@chatelaine/token'
import type { Owner } from '../domain/account.ts'
import type { AccountId, ProjectId, TokenId } from '../domain/id.ts'
import type { PolicyOverride } from '../domain/policy.ts'
import type { RateLimit } from '../domain/rate.ts'
import type { SecretAge } from '../domain/rotation.ts'
import type { Settings } from '../domain/settings.ts'
import type { EpochMs } from '../domain/time.ts'
import type { Origin, Token, TokenStatus } from '../domain/token.ts'
import type { Page, PagePosition } from './page.ts'
import type { Hours } from './usage-store.ts'

export interface TokenStore {
  find(id: TokenId): Promise<Token | undefined>
  /**
   * A token with what its verification needs of its owner and of the project that is asked about, read at one moment.
   * `memberOf` is that project, if it is active and the token's account is a member. A token whose owner's row is
   * damaged, be it an account or a project, is as absent as one whose own row is; and so is one that shares the limits
   * of a token whose row is damaged or gone, or that has more than `ancestorsMax` above it.
   * @throws `unavailable` (rejects) when the settings' row is damaged or gone.
   */
  findStanding(id: TokenId, projectId?: ProjectId): Promise<StoredStanding | undefined>
  list(query: TokenQuery): Promise<Page<Token>>
  /** How many tokens the filters find; `stopAt` bounds the work. */
  count(filters: TokenFilters, stopAt: number): Promise<number>
  /** Tokens that are neither revoked nor expired at `now`, and whose digest was made under this master key. */
  listByKey(keyId: string, now: EpochMs, limit: number): Promise<readonly Token[]>
  /** Whether any token that this one made, or that such a one made, is neither revoked nor expired. */
  hasLiveDescendants(id: TokenId, now: EpochMs): Promise<boolean>
  /**
   * Tokens that were revoked or expired, whichever came first, before `endedBefore`; oldest first. A token that made
   * others is left out until those are gone, since they share its limits.
   */
  listEnded(endedBefore: EpochMs, limit: number): Promise<readonly Token[]>
  /**
   * Takes up to `count` of the uses that are left, durably: they are gone, used or not, when this process ends without
   * giving them back. Bookkeeping: no entry in the log.
   */
  reserveUses(id: TokenId, count: number): Promise<{ readonly reserved: number; readonly left: number }>
  /** Gives back uses that were reserved and not spent. */
  returnUses(id: TokenId, count: number): Promise<void>
  /**
   * Adds what was observed, all of it or nothing, in whatever order it comes: the latest use is the last. Of an old
   * secret its own last use is noted besides. Uses are also counted by the hour and the address that they came from, at
   * most `addressesPerHourMax` of a token and hour apart and all further ones together. Bookkeeping: no entry in the log.
   * Tokens that are gone are passed over.
   */
  recordUses(uses: readonly ObservedUse[]): Promise<void>
  /** From where a token was used within whole hours, as far as it is kept; of a token that is gone, from nowhere. */
  usedFrom(id: TokenId, hours: Hours, limit: number): Promise<UsedFrom>
  /** Removes what was counted by address in hours that began before this instant, in steps that let commits in between. */
  forgetAddressesBefore(at: EpochMs): Promise<void>
}

/** A token, with what its verification needs of others. */
export interface StoredStanding {
  readonly token: Token
  readonly owner: Owner | null
  readonly memberOf: ProjectId | null
  /** The tokens that made it, and that made those, nearest first, up to the first that a manager made. */
  readonly ancestors: readonly Ancestor[]
  readonly settings: Settings
  /** What the project of a project token has otherwise than the deployment. */
  readonly projectPolicy: PolicyOverride | undefined
}

export interface Ancestor {
  readonly id: TokenId
  readonly rateLimit: RateLimit | null
}

export interface TokenFilters {
  /** These two name one token; beside an account or a project, finding it costs no more than that one's tokens. */
  readonly serial?: number
  readonly uuid?: string
  readonly accountId?: AccountId
  readonly projectId?: ProjectId
  /** Only those that this account made or took over. */
  readonly createdBy?: AccountId
  readonly kind?: TokenKind
  readonly permanent?: boolean
  readonly statuses?: readonly TokenStatus[]
  readonly origin?: Origin
  /** Matches where the label contains it, or the start begins with it, without regard to case. */
  readonly text?: string
  /** Only those that expire before this instant. */
  readonly expiresBefore?: EpochMs
  /** Only those that were made before this instant and not used from then on, as far as uses are written. */
  readonly unusedSince?: EpochMs
  readonly neverUsed?: true
  /** Leaves this one out. */
  readonly exceptId?: TokenId
  /** The instant at which statuses are told. */
  readonly now: EpochMs
}

export const tokenSorts = ['created_at', 'label', 'expires_at', 'last_used_at'] as const
export type TokenSort = (typeof tokenSorts)[number]

export interface TokenQuery extends TokenFilters {
  readonly sort: TokenSort
  readonly descending: boolean
  readonly limit: number
  readonly after?: PagePosition
}

/** Uses of a token within one hour of UTC. */
export interface ObservedUse {
  readonly tokenId: TokenId
  /** Which of the token's secrets was presented, each time. */
  readonly secret: SecretAge
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  /** From where each of them came, `null` when that is not known. */
  readonly lastIp: string | null
  readonly lastClient: string | null
  readonly count: number
  /** There where they came from several addresses, for which there was no room apart; `lastIp` is that of the last. */
  readonly isOfSeveral?: true
}

export interface UsedFrom {
  /** Those with the most uses, the most first, and of as many those that come first by their text. */
  readonly addresses: readonly AddressUse[]
  /** How many known addresses there were, whether or not they are among these. */
  readonly addressCount: number
  /** Whether there were more, since in some hour there were too many to tell all of them apart. */
  readonly areMore: boolean
  /** How many uses came from addresses that are not among these. */
  readonly elsewhere: number
}

export interface AddressUse {
  /** `null` stands for all uses of which it is not known from where they came. */
  readonly ip: string | null
  /** What the last client there called itself. */
  readonly client: string | null
  readonly count: number
  readonly lastAt: EpochMs
  /** When a secret was last used there that a rotation had replaced. */
  readonly oldLastAt: EpochMs | null
}
