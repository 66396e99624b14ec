// A Chatelaine in memory, for the tests of services that verify tokens: no server, no network, and a clock that obeys.

import { contains, missingScopes, parseAddress, parseBlocks } from '@chatelaine/core/freshness'
import { generateToken, isWellFormed, type Secret, type TokenKind } from '@chatelaine/token'
import type { VerifiedToken } from './contract.ts'
import type { Question, Refused, Unanswered, Verification, Verifier } from './verifier/verification.ts'

/** What a token of a test is like; what is left out is as the server has it. */
export interface TestToken {
  /** `project` where a project is named, else `account`. */
  readonly kind?: TokenKind | undefined
  readonly account_id?: string | undefined
  readonly external_id?: string | undefined
  /** The one project that it reaches. */
  readonly project_id?: string | undefined
  /** The projects that its account is a member of. */
  readonly member_of?: readonly string[] | undefined
  readonly label?: string | undefined
  /** `['*']`. */
  readonly scopes?: readonly string[] | undefined
  readonly allowed_ips?: readonly string[] | undefined
  readonly not_before?: string | undefined
  /** 24 hours from now; `null` for never. */
  readonly expires_at?: string | null | undefined
  readonly uses_remaining?: number | undefined
  readonly metadata?: VerifiedToken['metadata'] | undefined
}

const dayMs = 86_400_000

interface Kept {
  readonly answer: VerifiedToken
  readonly memberOf: readonly string[]
  usesRemaining: number
  state: 'active' | 'suspended' | 'revoked' | 'owner_disabled'
}

/**
 * Issues tokens and verifies them by the same rules and in the same order as a server, except for rates and a catalogue
 * of scopes, which it has not.
 *
 * @example
 * const chatelaine = new TestChatelaine()
 * const app = serve({ verifier: chatelaine })
 * const { token } = chatelaine.issue({ scopes: ['data:read'] })
 * await fetch(app.url, { headers: { authorization: `Bearer ${token.reveal()}` } })
 */
export class TestChatelaine implements Verifier {
  readonly #tokens = new Map<string, Kept>()
  #aheadMs = 0
  #isReachable = true
  #issued = 0

  issue(spec: TestToken = {}): { readonly id: string; readonly token: Secret } {
    const kind = spec.kind ?? (spec.project_id === undefined ? 'account' : 'project')
    const made = generateToken({ prefix: 'chl', kind }, (count) => crypto.getRandomValues(new Uint8Array(count)))
    const expiresAt = spec.expires_at === undefined ? new Date(this.#now() + dayMs).toISOString() : spec.expires_at
    this.#issued += 1
    const answer: VerifiedToken = {
      valid: true,
      code: 'valid',
      token_id: made.id,
      kind,
      account_id: kind === 'account' ? (spec.account_id ?? `acc_${made.id.slice(4)}`) : null,
      external_id: spec.external_id ?? null,
      project_id: spec.project_id ?? null,
      label: spec.label ?? '',
      scopes: [...new Set(spec.scopes ?? ['*'])].toSorted(),
      allowed_ips: spec.allowed_ips ?? [],
      not_before: spec.not_before ?? null,
      expires_at: expiresAt,
      valid_until: expiresAt,
      ancestor_ids: [],
      cacheable: spec.uses_remaining === undefined,
      metadata: spec.metadata ?? {},
      rate_limit: null,
      seq: `test.${this.#issued}`,
    }
    const usesRemaining = spec.uses_remaining ?? Infinity
    this.#tokens.set(made.token.reveal(), { answer, memberOf: spec.member_of ?? [], usesRemaining, state: 'active' })
    return { id: made.id, token: made.token }
  }

  /** For good. */
  revoke(id: string): void {
    this.#find(id).state = 'revoked'
  }

  /** What was revoked stays so. */
  suspend(id: string): void {
    this.#change(id, 'suspended')
  }

  resume(id: string): void {
    this.#change(id, 'active')
  }

  /** As if the account that owns the token were disabled. */
  disableOwner(id: string): void {
    this.#change(id, 'owner_disabled')
  }

  /** Lets time go by. */
  advance(ms: number): void {
    this.#aheadMs += ms
  }

  /** From now on nobody can say whether a token is good: every answer is `unavailable`. */
  disconnect(): void {
    this.#isReachable = false
  }

  reconnect(): void {
    this.#isReachable = true
  }

  verify(token: string, question: Question = {}): Verification {
    if (!isWellFormed(token)) return { valid: false, code: 'malformed', token_id: null }
    if (!this.#isReachable) return unanswered
    const kept = this.#tokens.get(token)
    if (kept === undefined) return { valid: false, code: 'unknown', token_id: null }
    const refused = this.#refusalOf(kept, question)
    if (refused !== undefined) return { valid: false, token_id: kept.answer.token_id, ...refused }
    kept.usesRemaining -= 1
    return kept.answer
  }

  #refusalOf(kept: Kept, question: Question): Pick<Refused, 'code' | 'missing_scopes'> | undefined {
    const { answer, memberOf, state, usesRemaining } = kept
    const now = this.#now()
    if (state !== 'active') return { code: state }
    if (answer.expires_at !== null && Date.parse(answer.expires_at) <= now) return { code: 'expired' }
    if (answer.not_before !== null && Date.parse(answer.not_before) > now) return { code: 'not_yet_valid' }
    if (!(question.kinds ?? ['account', 'project']).includes(answer.kind)) return { code: 'wrong_kind' }
    if (!mayComeFrom(answer.allowed_ips, question.client_ip)) return { code: 'ip_not_allowed' }
    const reached = answer.kind === 'project' ? [answer.project_id] : memberOf
    if (question.project_id !== undefined && !reached.includes(question.project_id)) return { code: 'wrong_project' }
    const missing = missingScopes(answer.scopes, question.scopes ?? [])
    if (missing.length > 0) return { code: 'insufficient_scope', missing_scopes: missing }
    return usesRemaining > 0 ? undefined : { code: 'uses_exceeded' }
  }

  #now(): number {
    return Date.now() + this.#aheadMs
  }

  #change(id: string, state: Kept['state']): void {
    const kept = this.#find(id)
    if (kept.state !== 'revoked') kept.state = state
  }

  #find(id: string): Kept {
    const kept = this.#tokens.values().find(({ answer }) => answer.token_id === id)
    if (kept === undefined) throw new RangeError(`No token has the id ${id}.`)
    return kept
  }
}

const unanswered: Unanswered = { valid: false, code: 'unavailable', token_id: null, retry_after_seconds: 1 }

function mayComeFrom(allowedIps: readonly string[], clientIp: string | undefined): boolean {
  if (allowedIps.length === 0) return true
  const address = clientIp === undefined ? undefined : parseAddress(clientIp)
  return address !== undefined && parseBlocks(allowedIps).some((block) => contains(block, address))
}
