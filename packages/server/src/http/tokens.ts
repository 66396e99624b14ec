import {
  addressSubject,
  Attempts,
  cancelRotation,
  changeToken,
  Failure,
  issueToken,
  leakReportLimit,
  listTokens,
  readAllowance,
  readSelf,
  renewSelf,
  readToken,
  revokeLeaked,
  revokeMany,
  revokeSelf,
  revokeToken,
  rotateToken,
  type EpochMs,
  type Peer,
  type Rotated,
} from '@chatelaine/core'
import type { Service } from '../service.ts'
import { cursorOf, pageStart } from './cursor.ts'
import type { Answer, Handlers } from './handler.ts'
import { tokenAsk, tokenEdit, tokenFilters, tokenJson } from './token-json.ts'

type TokenRoutes =
  | 'createToken'
  | 'listTokens'
  | 'revokeTokens'
  | 'getTokenAllowance'
  | 'getOwnToken'
  | 'revokeOwnToken'
  | 'revokeLeakedTokens'
  | 'getToken'
  | 'updateToken'
  | 'revokeToken'
  | 'rotateToken'
  | 'cancelRotation'
  | 'renewOwnToken'

/** `/api/v1/tokens`, but for the verification. */
export function tokens({ ports }: Service): Handlers<TokenRoutes> {
  const now = () => ports.clock.now()
  const leakReports = new Attempts(leakReportLimit)
  return {
    async createToken({ caller, body, once }) {
      const origin = caller.type === 'token' ? 'api' : 'console'
      const issued = await issueToken(ports, caller, tokenAsk(body, origin), once)
      const json = tokenJson(issued.token, now())
      if (issued.repeated) return { status: 200, body: json, headers: { 'idempotency-replayed': 'true' } }
      return {
        status: 201,
        body: { ...json, token: issued.secret.reveal() },
        headers: { location: `/api/v1/tokens/${issued.token.id}` },
      }
    },

    async listTokens({ caller, query }) {
      const list = { name: 'tokens', caller, query }
      const { by: sort, descending } = query.sort
      const filters = {
        ...tokenFilters(query),
        statuses: query.status,
        sort,
        descending,
        limit: query.limit,
      }
      const page = await listTokens(ports, caller, { ...filters, ...pageStart(ports.keys, list) })
      const data = page.items.map((token) => tokenJson(token, now()))
      return { status: 200, body: { data, next_cursor: cursorOf(ports.keys, list, page.next) } }
    },

    async revokeTokens({ caller, query }) {
      const how = { ...revocationOf(query), dryRun: query.dry_run, includeSelf: query.include_self }
      return { status: 200, body: await revokeMany(ports, caller, tokenFilters(query), how) }
    },

    async getTokenAllowance({ caller, query: { account_id: accountId, project_id: projectId } }) {
      const ask = {
        ...(accountId === undefined ? {} : { accountId }),
        ...(projectId === undefined ? {} : { projectId }),
      }
      const { refusal, permanent, live, policy } = await readAllowance(ports, caller, ask)
      return {
        status: 200,
        body: {
          refusal,
          permanent: { in_use: permanent.inUse, max: permanent.max },
          live: { in_use: live.inUse, max: live.max },
          temporary_lifetime_seconds: policy.temporaryLifetimeSeconds,
          longest_lifetime_seconds: policy.longestLifetimeSeconds,
        },
      }
    },

    async getOwnToken({ caller }) {
      return { status: 200, body: tokenJson(await readSelf(ports, caller), now()) }
    },

    async revokeOwnToken({ caller, query }) {
      await revokeSelf(ports, caller, revocationOf(query))
      return { status: 204, body: null }
    },

    async revokeLeakedTokens({ caller, body }) {
      countReport(leakReports, caller.peer, now())
      await revokeLeaked(ports, caller, body.tokens)
      return { status: 202, body: null }
    },

    async getToken({ caller, params }) {
      return { status: 200, body: tokenJson(await readToken(ports, caller, params.id), now()) }
    },

    async updateToken({ caller, params, body }) {
      return { status: 200, body: tokenJson(await changeToken(ports, caller, params.id, tokenEdit(body)), now()) }
    },

    async rotateToken({ caller, params, body, once }) {
      return rotatedAnswer(await rotateToken(ports, caller, params.id, body.grace_seconds, once), now())
    },

    async renewOwnToken({ caller, body, once }) {
      return rotatedAnswer(await renewSelf(ports, caller, body.grace_seconds, once), now())
    },

    async cancelRotation({ caller, params }) {
      return { status: 200, body: tokenJson(await cancelRotation(ports, caller, params.id), now()) }
    },

    async revokeToken({ caller, params, query }) {
      await revokeToken(ports, caller, params.id, revocationOf(query))
      return { status: 204, body: null }
    },
  }
}

function rotatedAnswer(rotated: Rotated, now: EpochMs): Answer<'rotateToken'> {
  const json = tokenJson(rotated.token, now)
  if (rotated.repeated) return { status: 200, body: json, headers: { 'idempotency-replayed': 'true' } }
  return { status: 201, body: { ...json, token: rotated.secret.reveal() } }
}

function revocationOf({ reason, descendants }: { reason?: string; descendants: 'revoke' | 'keep' }) {
  return { ...(reason === undefined ? {} : { reason }), descendants }
}

function countReport(reports: Attempts, { ip }: Peer, now: number): void {
  const address = addressSubject(ip)
  const retryAfterSeconds = reports.waitSeconds(address, now)
  if (retryAfterSeconds > 0) {
    const message = 'Your address has sent 60 reports within an hour. Put up to 1 000 tokens into each, and wait.'
    throw new Failure('too-many-attempts', message, { retryAfterSeconds })
  }
  reports.count(address, now)
}
