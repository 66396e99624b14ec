import { read } from '@chatelaine/api'
import { coscineSchemas as schemas } from '@chatelaine/api/wires'
import {
  dayMs,
  formatInstant,
  issueToken,
  notFound,
  readOwnAccount,
  revokeToken,
  secondMs,
  type Token,
  type TokenCaller,
} from '@chatelaine/core'
import { tokenCallerOf } from './caller.ts'
import { findToken, liveTokens } from './own-tokens.ts'
import { accountOf, wireJson, wireQuery, type Wire, type WireAnswer, type WireAsk } from './wire.ts'

/** Coscine: who one is, and one's own API tokens, in whole days and in its envelope. */
export const coscine: Wire = {
  prefixes: ['/coscine/api/v2/'],
  routes: [
    { method: 'GET', path: '/coscine/api/v2/self', answer: showSelf },
    { method: 'POST', path: '/coscine/api/v2/self/api-tokens', answer: create },
    { method: 'GET', path: '/coscine/api/v2/self/api-tokens', answer: list },
    { method: 'GET', path: '/coscine/api/v2/self/api-tokens/:id', answer: show },
    { method: 'DELETE', path: '/coscine/api/v2/self/api-tokens/:id', answer: end },
  ],

  refuse({ status, headers, requestId }) {
    return { status, headers, body: { data: null, isSuccess: false, statusCode: status, traceId: requestId } }
  },
}

async function showSelf(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  accountOf(caller)
  const { uuid, name, username, email } = await readOwnAccount(ask.service.ports, caller)
  // An address here was entered by whoever manages the account, and nobody has asked it for a confirmation.
  const emails = email === null ? [] : [{ email, isConfirmed: false }]
  return envelope(ask, 200, { data: { id: uuid, displayName: name === '' ? username : name, emails } })
}

async function create(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const caller = await tokenCallerOf(ask)
  const accountId = accountOf(caller)
  const { name, expiresInDays } = wireJson(ask, schemas.CreateToken)
  const life = { lifetimeSeconds: (expiresInDays * dayMs) / secondMs }
  const issued = await issueToken(ports, caller, { accountId, label: name, life, origin: 'coscine' })
  const secret = issued.repeated ? null : issued.secret.reveal()
  const owner = await readOwnAccount(ports, caller)
  return envelope(ask, 201, { data: tokenJson(issued.token, owner.uuid, secret) })
}

async function list(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const accountId = accountOf(caller)
  const { PageNumber: currentPage, PageSize: pageSize, OrderBy: orders } = wireQuery(ask, schemas.ListTokens)
  const owner = await readOwnAccount(ask.service.ports, caller)
  const tokens = await liveTokens(ask.service, caller, { accountId })
  const sorted = tokens.toSorted((a, b) => compareBy(a, b, orders))
  const totalPages = Math.ceil(tokens.length / pageSize)
  const shown = sorted.slice((currentPage - 1) * pageSize, currentPage * pageSize)
  return envelope(ask, 200, {
    data: shown.map((token) => tokenJson(token, owner.uuid, null)),
    pagination: {
      currentPage,
      totalPages,
      pageSize,
      totalCount: tokens.length,
      hasPrevious: currentPage > 1,
      hasNext: currentPage < totalPages,
    },
  })
}

async function show(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const token = await named(ask, caller)
  const owner = await readOwnAccount(ask.service.ports, caller)
  return envelope(ask, 200, { data: tokenJson(token, owner.uuid, null) })
}

async function end(ask: WireAsk): Promise<WireAnswer> {
  const caller = await tokenCallerOf(ask)
  const { id } = await named(ask, caller)
  await revokeToken(ask.service.ports, caller, id)
  return { status: 204, body: null }
}

async function named(ask: WireAsk, caller: TokenCaller): Promise<Token> {
  const accountId = accountOf(caller)
  const reading = read(schemas.TokenParams, ask.params)
  if (!reading.ok) throw notFound('token')
  return findToken(ask.service, caller, { accountId, uuid: reading.value.id.toLowerCase() })
}

function envelope({ requestId }: WireAsk, status: number, fields: object): WireAnswer {
  return { status, body: { ...fields, isSuccess: true, statusCode: status, traceId: requestId } }
}

function tokenJson(token: Token, ownerUuid: string, secret: string | null) {
  return {
    id: token.uuid,
    name: token.label,
    creationDate: formatInstant(token.createdAt),
    expiryDate: token.expiresAt === null ? null : formatInstant(token.expiresAt),
    token: secret,
    owner: { id: ownerUuid },
  }
}

type Orders = ReturnType<typeof wireQuery<typeof schemas.ListTokens>>['OrderBy']

/** The first order in which two differ decides; what never expires comes last. */
function compareBy(a: Token, b: Token, orders: Orders): number {
  for (const { field, descending } of orders) {
    const compared = compareIn[field](a, b)
    if (compared !== 0) return descending ? -compared : compared
  }
  return b.serial - a.serial
}

const compareIn: Readonly<Record<Orders[number]['field'], (a: Token, b: Token) => number>> = {
  name: (a, b) => a.label.localeCompare(b.label, 'en'),
  creationDate: (a, b) => a.createdAt - b.createdAt,
  expiryDate: (a, b) => (a.expiresAt ?? Number.MAX_SAFE_INTEGER) - (b.expiresAt ?? Number.MAX_SAFE_INTEGER),
}
