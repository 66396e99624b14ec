import { contains, missingScopes, parseAddress, parseBlocks, type Block } from '@chatelaine/core/freshness'
import type { VerifiedToken, VerifyAnswer } from '../contract.ts'
import type { Question, Refused, Verification } from './verification.ts'

/** How many scopes are remembered to have been confirmed for one token. */
const confirmedScopesMax = 200

/** What is remembered of a token: that it was good, or that it never will be again. */
export type Remembered = RememberedGood | RememberedRevoked

/** The one refusal that is final, whatever is asked. It hangs on the id that stands in the token. */
interface RememberedRevoked {
  readonly answer: Refused & { readonly token_id: string }
}

/** A token that was good when the server was asked, and what is needed to say so again without asking. */
interface RememberedGood {
  readonly answer: VerifiedToken
  /** The project that was asked about: a token is remembered once for each. */
  readonly projectId: string | undefined
  readonly allowedBlocks: readonly Block[]
  /** In milliseconds since the Unix epoch; `null` for never. */
  readonly validUntil: number | null
  /** Scopes that the server has said it carries: which ones a wildcard is worth, its catalogue decides. */
  readonly confirmedScopes: ReadonlySet<string>
  /** The last address that was found to be allowed, as it was spelled. */
  allowedIp: string | undefined
}

/**
 * What may be remembered of an answer: of refusals only a revocation, and nothing of a token whose uses are counted or
 * whose rate is limited, since those are counted in one place.
 * @param before what is remembered of the same token by now, whose scopes are still confirmed
 */
export function rememberedOf(
  answer: VerifyAnswer,
  { project_id: projectId, scopes = [] }: Question,
  before: Remembered | undefined,
): Remembered | undefined {
  if (!answer.valid) return rememberedRevoked(answer)
  if (!answer.cacheable) return undefined
  const confirmed = [...scopes, ...(before !== undefined && isGood(before) ? before.confirmedScopes : [])]
  return {
    // Everybody who asks is given this one object.
    answer: deepFrozen(answer),
    projectId,
    allowedBlocks: parseBlocks(answer.allowed_ips),
    validUntil: answer.valid_until === null ? null : Date.parse(answer.valid_until),
    confirmedScopes: new Set(confirmed.slice(0, confirmedScopesMax)),
    allowedIp: undefined,
  }
}

function rememberedRevoked({ code, token_id: tokenId }: Refused): RememberedRevoked | undefined {
  if (code !== 'revoked' || tokenId === null) return undefined
  return { answer: Object.freeze({ valid: false, code, token_id: tokenId }) }
}

function isGood(known: Remembered): known is RememberedGood {
  return known.answer.valid
}

/** The ids of everything that a remembered answer hangs on. */
export function subjectIdsOf(known: Remembered): [string, ...string[]] {
  if (!isGood(known)) return [known.answer.token_id]
  const { answer, projectId } = known
  const { token_id: tokenId, account_id: accountId, project_id: ownProjectId, ancestor_ids: ancestorIds } = answer
  return [tokenId, ...[accountId, ownProjectId, projectId, ...ancestorIds].filter((id) => typeof id === 'string')]
}

/**
 * What the server would answer to this question about a token that is remembered, in the order in which its codes win.
 * `undefined` when only the server can tell.
 */
export function decide(known: Remembered, question: Question, now: number): Verification | undefined {
  if (!isGood(known)) return known.answer
  const { answer, validUntil } = known
  // Which of expiry, policy and the end of a grace it was, the server knows.
  if (validUntil !== null && validUntil <= now) return undefined
  if (!(question.kinds ?? kindsWelcome).includes(answer.kind)) return refused(known, 'wrong_kind')
  if (!mayComeFrom(known, question.client_ip)) return refused(known, 'ip_not_allowed')
  const { scopes } = question
  if (scopes === undefined || scopes.every((scope) => known.confirmedScopes.has(scope))) return answer
  const unconfirmed = scopes.filter((scope) => !known.confirmedScopes.has(scope))
  const missing = missingScopes(answer.scopes, unconfirmed)
  // What its scopes include may still not be in the catalogue.
  if (missing.length < unconfirmed.length) return undefined
  return { ...refused(known, 'insufficient_scope'), missing_scopes: missing }
}

const kindsWelcome: readonly VerifiedToken['kind'][] = ['account', 'project']

function refused({ answer }: RememberedGood, code: Refused['code']): Refused {
  return { valid: false, code, token_id: answer.token_id }
}

function mayComeFrom(known: RememberedGood, clientIp: string | undefined): boolean {
  const { allowedBlocks } = known
  if (allowedBlocks.length === 0) return true
  if (clientIp === undefined) return false
  if (clientIp === known.allowedIp) return true
  const address = parseAddress(clientIp)
  if (address === undefined || !allowedBlocks.some((block) => contains(block, address))) return false
  known.allowedIp = clientIp
  return true
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFrozen(member)
  }
  return value
}
