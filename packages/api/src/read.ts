// Reading what came in: from `unknown` to the type that a schema describes, or to the faults that its sender is told.

import { z } from 'zod'
import { faultsMax } from './bounds.ts'

/** What is wrong with one field; `pointer` is a JSON pointer into the body, or `/<name>` of a query parameter. */
export interface Fault {
  readonly pointer: string
  readonly detail: string
}

/** A description of a body, a path or a query. */
export type Schema = z.ZodType

/** What has been read by a schema. */
export type Output<S extends Schema> = z.output<S>

/** The query of a route that knows no parameter. */
export const noParameters = z.strictObject({})

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  /** At least one fault, at most `faultsMax`. */
  | { readonly ok: false; readonly faults: readonly Fault[] }

/**
 * Reads a body or an answer. Never throws, and never repeats a value of the input in a fault: it may be a secret.
 *
 * @example
 * read(schemas.VerifyRequest, { token: 7 })
 * // → { ok: false, faults: [{ pointer: '/token', detail: 'must be a text, not a number' }] }
 */
export function read<S extends Schema>(schema: S, input: unknown): Reading<Output<S>> {
  const result = schema.safeParse(input, { error: detailOf })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, faults: telling(result.error.issues).flatMap(faultsOf).slice(0, faultsMax) }
}

/** A number beyond all whole numbers is beyond the field's own bound too, and that one is told. */
function telling(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue[] {
  return issues.filter((issue, index) => {
    const isOfAll = issue.code === 'too_big' && issue.maximum === Number.MAX_SAFE_INTEGER
    return !isOfAll || !issues.some((other, at) => at !== index && pointerTo(other.path) === pointerTo(issue.path))
  })
}

/**
 * Reads query parameters, or those of a form, such as a `URLSearchParams`. An empty value means absent, unless it is said
 * to be a fault; a parameter given twice is a fault, unless the schema has a list under its name. Never throws.
 */
export function readQuery<S extends Schema>(
  schema: S,
  parameters: Iterable<readonly [string, string]>,
  { refusesEmpty = false }: { readonly refusesEmpty?: boolean } = {},
): Reading<Output<S>> {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of parameters) {
    if (value === '') {
      if (!refusesEmpty) continue
      return {
        ok: false,
        faults: [{ pointer: pointerTo([name]), detail: 'is empty; give it a value or leave it out' }],
      }
    }
    const before = fields.get(name)
    if (isList(schema, name)) fields.set(name, [before ?? [], value].flat())
    else if (before === undefined) fields.set(name, value)
    else return { ok: false, faults: [{ pointer: pointerTo([name]), detail: 'is given more than once; keep one' }] }
  }
  return read(schema, Object.fromEntries(fields))
}

function isList(schema: Schema, name: string): boolean {
  if (!(schema instanceof z.ZodObject) || !Object.hasOwn(schema.shape, name)) return false
  const field: unknown = schema.shape[name]
  return (field instanceof z.ZodExactOptional ? field.unwrap() : field) instanceof z.ZodArray
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [{ pointer: pointerTo(issue.path), detail: issue.message }]
  return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail: issue.message }))
}

/** RFC 6901 §3. A name that cannot be a field's is left out: what its sender put there may be a token. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${/^(?:[a-z_]{1,40}[0-9]?|[0-9]{1,9})$/.test(String(part)) ? String(part) : '…'}`)
    .join('')
}

function detailOf(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is missing and must be given'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${named(issue.expected)}, not ${kindOf(issue.input)}`
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'unrecognized_keys':
      return 'is not known here; leave it out'
    default:
      return 'has the wrong form; compare it with /openapi.json'
  }
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
}

function named(type: string): string {
  return typeNames[type] ?? `a ${type}`
}

function kindOf(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return 'a list'
  return typeof input === 'number' && !Number.isInteger(input) ? 'a fraction' : named(typeof input)
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long'
  return origin === 'array' ? ' items long' : ''
}
