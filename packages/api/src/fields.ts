// The building blocks of the schemas: one function or schema for each sort of value that a request or answer holds.

import { z } from 'zod'
import {
  allowedIpsMax,
  cursorLengthMax,
  instantMax,
  logPositionLengthMax,
  metadataBytesMax,
  metadataDepthMax,
  pageLimitDefault,
  pageLimitMax,
  scopeLengthMax,
  scopesPerTokenMax,
} from './bounds.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** One line of text for people: no control characters (category Cc), no lone surrogates (Cs). */
export function text({ lengthMin = 0, lengthMax }: { lengthMin?: number; lengthMax: number }) {
  return characters({ lengthMin, lengthMax }).regex(/^[^\p{Cc}\p{Cs}]*$/u, {
    error: 'contains a control character or half of a surrogate pair; leave it out',
  })
}

/** Any text that UTF-8 can carry, counted in code points as JSON Schema counts. */
export function characters({ lengthMin = 0, lengthMax }: { lengthMin?: number; lengthMax: number }) {
  return z
    .string()
    .refine((value) => value.isWellFormed(), { error: 'contains half of a surrogate pair; leave it out', abort: true })
    .refine((value) => lengthOf(value) >= lengthMin, { error: `must have at least ${counted(lengthMin)}` })
    .refine((value) => lengthOf(value) <= lengthMax, { error: `must have at most ${counted(lengthMax)}` })
    .meta({ ...(lengthMin > 0 ? { minLength: lengthMin } : {}), maxLength: lengthMax })
}

const base62Id = z.string().regex(/^[0-9A-Za-z]{16}$/)

export const tokenId = z.templateLiteral(['tok_', base62Id], {
  error: 'must be a token id: tok_ and 16 letters or digits',
})
export const accountId = z.templateLiteral(['acc_', base62Id], {
  error: 'must be an account id: acc_ and 16 letters or digits',
})
export const projectId = z.templateLiteral(['prj_', base62Id], {
  error: 'must be a project id: prj_ and 16 letters or digits',
})

/** A place in the change log, `<epoch>.<seq>`. */
export const logPosition = z
  .string()
  .max(logPositionLengthMax)
  .regex(/^[0-9A-Za-z_-]{1,40}\.(?:0|[1-9][0-9]{0,15})$/, {
    error: 'must be a place in the log as an answer gives it, such as k3v9.812',
  })

/** An instant in an answer: RFC 3339 in UTC with milliseconds. */
export const answeredInstant = z.iso.datetime({ precision: 3 })

/** An instant in a request: RFC 3339 with `Z` or an offset; read as milliseconds since the Unix epoch. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant as RFC 3339 writes it, such as 2030-01-31T12:00:00Z' })
  .transform((value) => Date.parse(value))
  .refine((at) => at <= instantMax, { error: 'must lie before the year 10000' })

const namePart = '[a-z][a-z0-9_-]*'
const scopePattern = new RegExp(`^(?:\\*|${namePart}(?:\\.${namePart})*:(?:${namePart}|\\*))$`)

export const scopes = z
  .array(
    z.string().max(scopeLengthMax).regex(scopePattern, {
      error:
        'must be resource:action in lower case, such as data:read; resource:* is all of a resource, * is everything',
    }),
  )
  .max(scopesPerTokenMax)

/** One scope of the platform, without wildcards. */
export const scopeName = z
  .string()
  .max(scopeLengthMax)
  .regex(new RegExp(`^${namePart}(?:\\.${namePart})*:${namePart}$`), {
    error: 'must be resource:action in lower case, such as data:read, without wildcards',
  })

/** Addresses and blocks by their look; what they mean is checked where they are understood. */
export const allowedIps = z
  .array(
    z.string().regex(/^[0-9A-Fa-f:.]{2,45}(?:\/[0-9]{1,3})?$/, {
      error: 'must be an address or a block, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32',
    }),
  )
  .max(allowedIpsMax)

export const metadata = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be an object',
    abort: true,
  })
  .superRefine((value, context) => {
    const fault = metadataFault(value)
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault })
  })
  .meta({ type: 'object', additionalProperties: true })

/** A body of text: in pieces where it is sent as it is made, whole where it has been received. */
export const textBody = z
  .custom<AsyncIterable<string> | string>(
    (value) =>
      typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value),
  )
  .meta({ type: 'string' })

/** In a query: `true` or `false`. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true')

/** In a query: a whole number within bounds. */
export function count({ min, max }: { min: number; max: number }) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value),
    z
      .int({ error: ({ code }) => (code === 'invalid_type' ? 'must be a whole number' : undefined) })
      .min(min)
      .max(max),
  )
}

/** In a query: how many items a page has. */
export const pageLimit = count({ min: 1, max: pageLimitMax })
  .default(pageLimitDefault)
  .describe(`How many items to answer with; ${pageLimitDefault} unless said otherwise.`)

export const cursor = z
  .string()
  .max(cursorLengthMax)
  .describe('Where to go on: the `next_cursor` of the page before, as it stands.')

/** A page of a list. */
export function pageOf<S extends z.ZodType>(item: S) {
  return z.strictObject({
    data: z.array(item).describe('The items of this page, in the order asked for.'),
    next_cursor: z.string().nullable().describe('Give it as `cursor` to get the next page; null on the last one.'),
  })
}

function lengthOf(value: string): number {
  let length = 0
  for (const _ of value) length += 1
  return length
}

function counted(length: number): string {
  return length === 1 ? '1 character' : `${length} characters`
}

function metadataFault(value: JsonObject): string | undefined {
  const fault = nestedFault(value, 1)
  if (fault !== undefined) return fault
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length
  return bytes > metadataBytesMax ? `has ${bytes} bytes as JSON; at most ${metadataBytesMax} are kept` : undefined
}

function nestedFault(value: Json, depth: number): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'contains half of a surrogate pair'
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'contains a number that is too large'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth > metadataDepthMax) return `nests deeper than ${metadataDepthMax} levels`
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return 'has the key __proto__; choose another'
    const fault = nestedFault(key, depth) ?? nestedFault(member, depth + 1)
    if (fault !== undefined) return fault
  }
  return undefined
}
