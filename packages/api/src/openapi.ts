import { z } from 'zod'
import { idempotencyKeyLengthMax } from './bounds.ts'
import { examples } from './examples.ts'
import { headers, waitHeaders, type HeaderName } from './headers.ts'
import { oauthErrors, type OAuthErrorCode } from './oauth-errors.ts'
import { problems, problemType, type ProblemKey } from './problems.ts'
import { oauthErrorsOf, problemsOf, routes, tags, type Route } from './routes.ts'
import { schemas } from './schemas.ts'

type Node = Record<string, unknown>

export interface OpenApiDocument extends Node {
  readonly openapi: '3.1.0'
  readonly paths: Record<string, Record<string, Node>>
}

/** The cookie of a session; over https it carries the prefix `__Host-` (RFC 6265bis §4.1.3.2). */
export const sessionCookieName = 'chatelaine_session'

/**
 * The API as OpenAPI 3.1, made of the tables of routes, schemas and problems, so that it cannot differ from them.
 * It takes some 20 ms: make it once.
 *
 * @param about `serverUrl`: where the API is reached, without a slash at the end.
 */
export function openApiDocument(about: { title: string; version: string; serverUrl: string }): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: about.title,
      version: about.version,
      description: 'Issues API tokens, verifies them, and has a revoked one dead everywhere before it answers.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: about.serverUrl }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths: paths(),
    components: {
      schemas: componentSchemas(),
      examples: problemExamples(),
      parameters: { IdempotencyKey: idempotencyKey },
      headers,
      securitySchemes,
    },
  }
}

function paths(): Record<string, Record<string, Node>> {
  const byPath: Record<string, Record<string, Node>> = {}
  for (const [name, route] of Object.entries<Route>(routes)) {
    byPath[route.path] = { ...byPath[route.path], [route.method.toLowerCase()]: operation(name, route) }
  }
  return byPath
}

function operation(name: string, route: Route): Node {
  const parameters = [
    ...parametersIn('path', route.params),
    ...parametersIn('query', route.query),
    ...(route.idempotent === true ? [refTo('parameters', 'IdempotencyKey')] : []),
  ]
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    description: route.description,
    security: security[route.credential],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: bodyContent(route, route.body) } }),
    responses: { ...answers(route), ...refusals(route) },
  }
}

function parametersIn(place: 'path' | 'query', schema: z.ZodType | undefined): Node[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = z.toJSONSchema(schema, conversion)
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Node
    return { name, in: place, required: required.includes(name), description, schema: rest }
  })
}

function bodyContent(route: Route, body: z.ZodType): Node {
  const schema = schemaOf(body)
  return route.shape === 'oauth' ? { 'application/x-www-form-urlencoded': { schema } } : json(schema)
}

function answers(route: Route): Node {
  const entries = Object.entries(route.responses).map(([status, { schema, description, ...more }]) => {
    const { headers: names = [], contentTypes = ['application/json'] } = more
    const replayed = route.idempotent === true && status === '200' ? (['Idempotency-Replayed'] as const) : []
    const waited = route.waitable === true ? waitHeaders : []
    const named = headersNamed(...names, ...replayed, ...waited)
    const answer = {
      description,
      ...(schema === null ? {} : { content: contentOf(contentTypes, schemaOf(schema)) }),
      ...(Object.keys(named).length === 0 ? {} : { headers: named }),
    }
    return [status, answer]
  })
  return Object.fromEntries(entries)
}

function refusals(route: Route): Node {
  const keysByStatus = Map.groupBy(problemsOf(route), (key): number => problems[key].status)
  const codesByStatus = Map.groupBy(oauthErrorsOf(route), (code): number => oauthErrors[code].status)
  const statuses = new Set([...keysByStatus.keys(), ...codesByStatus.keys()])
  const entries = [...statuses].map((status) => [
    status,
    refusal(status, keysByStatus.get(status) ?? [], codesByStatus.get(status) ?? []),
  ])
  return Object.fromEntries(entries)
}

function refusal(status: number, keys: readonly ProblemKey[], codes: readonly OAuthErrorCode[]): Node {
  const shown = keys.map((key) => [key, refTo('examples', key)])
  const meanings = [
    ...keys.map((key) => `\`${key}\`: ${problems[key].meaning}`),
    ...codes.map((code) => `\`${code}\`: ${oauthErrors[code].meaning}`),
  ]
  return {
    description: meanings.join('\n\n'),
    ...(headersOfStatus[status] === undefined ? {} : { headers: headersNamed(...headersOfStatus[status]) }),
    content: {
      ...(keys.length === 0
        ? {}
        : { 'application/problem+json': { schema: refTo('schemas', 'Problem'), examples: Object.fromEntries(shown) } }),
      ...(codes.length === 0 ? {} : json(refTo('schemas', 'OAuthError'))),
    },
  }
}

const headersOfStatus: Record<number, readonly HeaderName[]> = {
  401: ['WWW-Authenticate'],
  403: ['WWW-Authenticate'],
  409: ['Retry-After'],
  429: ['Retry-After', 'RateLimit-Policy', 'RateLimit'],
  503: ['Retry-After'],
}

function headersNamed(...names: readonly HeaderName[]): Node {
  return Object.fromEntries(names.map((name) => [name, refTo('headers', name)]))
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A value of your own for each new request: repeated within 24 hours, the request is carried out once.',
  schema: { type: 'string', minLength: 1, maxLength: idempotencyKeyLengthMax, pattern: '^[!-~]+$' },
}

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token, or the bearer of a portal session. `Token`, `Basic`, `Key` and the header `X-API-Key` are read too.',
  },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: sessionCookieName,
    description: 'A session of the console. Over https the name begins with `__Host-`.',
  },
}

const security: Record<Route['credential'], Node[]> = {
  required: [{ bearer: [] }, { session: [] }],
  optional: [{}, { bearer: [] }, { session: [] }],
  subject: [{ bearer: [] }],
  none: [],
}

function problemExamples(): Node {
  const answered = new Set(Object.values<Route>(routes).flatMap(problemsOf))
  return Object.fromEntries([...answered].map((key) => [key, problemExample(key)]))
}

function problemExample(key: ProblemKey): Node {
  const { title, status, meaning, remedy } = problems[key]
  const { instance } = examples.Problem
  return { summary: title, value: { type: problemType(key), title, status, detail: `${meaning} ${remedy}`, instance } }
}

const conversion = {
  io: 'input',
  // JSON Schema cannot say what a custom check checks; such a schema says its `type` itself.
  unrepresentable: ({ zodSchema }) => (zodSchema instanceof z.ZodCustom ? {} : 'throw'),
  override: ({ jsonSchema }) => {
    // `format` says it already, and the pattern behind it knows leap years in 300 characters.
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  },
} as const satisfies z.core.ToJSONSchemaParams

/**
 * In a body a default is said in words. Where a schema has `default`, common generators take the field for one that is
 * always there, which is true of what we read and not of what clients write.
 */
const bodyConversion = {
  ...conversion,
  override(context) {
    conversion.override(context)
    const { jsonSchema } = context
    if (jsonSchema.default === undefined) return
    jsonSchema.description = `${jsonSchema.description ?? ''} Left out, it is \`${JSON.stringify(jsonSchema.default)}\`.`
    delete jsonSchema.default
  },
} as const satisfies z.core.ToJSONSchemaParams

function componentSchemas(): Node {
  const registry = z.registry<{ id: string }>()
  for (const [name, schema] of Object.entries(schemas)) registry.add(schema, { id: name })
  const converted = z.toJSONSchema(registry, { ...bodyConversion, uri: (name) => `#/components/schemas/${name}` })
  const entries = Object.entries(converted.schemas).map(([name, { $schema: _, $id: __, ...schema }]) => {
    return [name, name in examples ? { ...schema, examples: [examples[name as keyof typeof examples]] } : schema]
  })
  return Object.fromEntries(entries)
}

function schemaOf(schema: z.ZodType): Node {
  const named = Object.entries(schemas).find(([, known]) => known === schema)
  if (named !== undefined) return refTo('schemas', named[0])
  const { $schema: _, ...inline } = z.toJSONSchema(schema, conversion)
  return inline
}

function json(schema: Node): Node {
  return contentOf(['application/json'], schema)
}

function contentOf(types: readonly string[], schema: Node): Node {
  return Object.fromEntries(types.map((type) => [type, { schema }]))
}

function refTo(kind: 'schemas' | 'examples' | 'parameters' | 'headers', name: string): Node {
  return { $ref: `#/components/${kind}/${name}` }
}
