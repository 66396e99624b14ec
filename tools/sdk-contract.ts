// Writes packages/sdk/src/contract.ts: the API's bodies and queries as plain interfaces, so that whoever uses the SDK
// reads types without generics and installs no validator. `node tools/sdk-contract.ts` after each change of the API.

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { openApiDocument, problems, routes, verificationCodes, type Route } from '@chatelaine/api'
import { root } from './root.ts'

export const contractPath = 'packages/sdk/src/contract.ts'

type Literal = string | number | boolean

const codes = Object.keys(verificationCodes)
const meanings = Object.entries(verificationCodes)
  .map(([code, meaning]) => `${code}: ${JSON.stringify(meaning)},`)
  .join('\n')

interface Schema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly enum?: readonly (string | number)[]
  readonly const?: string | number | boolean
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
}

interface Parameter {
  readonly $ref?: string
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly description: string
  readonly schema: Schema
}

interface Operation {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema: Schema }>> }>>
}

/** The text of the file, formatted. */
export function sdkContract(): string {
  const { components, paths } = openApiDocument({ title: '', version: '', serverUrl: '' })
  const { schemas } = components as { schemas: Record<string, Schema> }
  const named = Object.entries<Route>(routes).map(([name, route]) => {
    const operation = (paths[route.path] as unknown as Record<string, Operation>)[route.method.toLowerCase()]!
    return { name, route, operation }
  })
  const text = [
    '// What the API says and hears. Written by tools/sdk-contract.ts from the tables of the API; change those instead.',
    `/** What a verification can answer, and what it means, in the order in which one wins over the next. */\nexport const verificationCodes = {\n${meanings}\n} as const`,
    'export type VerificationCode = keyof typeof verificationCodes',
    `/** Every problem that the API answers with; docs/errors has a page for each. */\nexport const problemKeys = [${Object.keys(problems).map(literal).join(', ')}] as const`,
    ...Object.keys(schemas).map((name) => declaration(name, schemas)),
    ...named.map(({ name, operation }) => queryOf(name, operation)).filter((query) => query !== ''),
    `/** What each operation is asked and answers. */\nexport interface Operations {\n${named.map(({ name, operation }) => operationType(name, operation)).join('\n')}\n}`,
    `/** Where each operation is. */\nexport const operations = {\n${named.map(({ name, route }) => operationRow(name, route)).join('\n')}\n} as const`,
  ].join('\n\n')
  return execFileSync(
    process.execPath,
    [join(root, 'node_modules/oxfmt/bin/oxfmt'), '--stdin-filepath', contractPath],
    {
      cwd: root,
      input: text,
      encoding: 'utf8',
    },
  )
}

function declaration(name: string, schemas: Readonly<Record<string, Schema>>): string {
  const schema = schemas[name]!
  const isInterface = schema.type === 'object' && schema.properties !== undefined
  if (!isInterface) return `${comment(schema.description)}export type ${name} = ${typeOf(schema)}`
  // Where one schema continues another, its name does too.
  const [baseName, base] =
    Object.entries(schemas).find((other) => name !== other[0] && name.startsWith(other[0]) && adds(schema, other[1])) ??
    []
  const clause = baseName === undefined ? '' : ` extends ${baseName}`
  const own = { ...schema, properties: without(schema.properties, base?.properties) }
  return `${comment(schema.description)}export interface ${name}${clause} ${typeOf(own)}`
}

/** Whether it says all that the other says, word for word. */
function adds(schema: Schema, { properties = {}, required = [] }: Schema): boolean {
  const names = Object.keys(properties)
  const isSame = (name: string) =>
    isDeepStrictEqual(schema.properties?.[name], properties[name]) &&
    schema.required?.includes(name) === required.includes(name)
  return names.length > 0 && names.every(isSame)
}

function without<Value>(all: Readonly<Record<string, Value>>, others: Readonly<Record<string, Value>> = {}) {
  return Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(others, name)))
}

function queryOf(name: string, { parameters = [] }: Operation): string {
  const fields = parameters.filter((parameter) => parameter.in === 'query')
  if (fields.length === 0) return ''
  const lines = fields.map((field) => {
    return member(field.name, { ...queryType(field.schema), description: field.description }, field.required)
  })
  return `export interface ${queryName(name)} {\n${lines.join('\n')}\n}`
}

/** In a query a flag is a text, which the client makes of a boolean. */
function queryType(schema: Schema): Schema {
  return schema.enum?.join() === 'true,false' ? { type: 'boolean' } : schema
}

function operationType(name: string, operation: Operation): string {
  const body = operation.requestBody && Object.values(operation.requestBody.content)[0]?.schema
  const hasQuery = operation.parameters?.some((parameter) => parameter.in === 'query') === true
  const answer = Object.entries(operation.responses)
    .filter(([status]) => Number(status) < 300)
    .toSorted(([a], [b]) => Number(b) - Number(a))[0]?.[1]
  const answered = Object.values(answer?.content ?? {})[0]?.schema
  const fields = [
    ...(body === undefined ? [] : [`readonly body: ${typeOf(body)}`]),
    ...(hasQuery ? [`readonly query: ${queryName(name)}`] : []),
    `readonly answer: ${answered === undefined ? 'undefined' : typeOf(answered)}`,
  ]
  return `readonly ${name}: { ${fields.join('; ')} }`
}

function operationRow(name: string, { method, path, idempotent, shape, responses }: Route): string {
  const sends = shape === 'oauth' ? ", sends: 'form'" : ''
  const contentTypes = Object.values(responses).flatMap((response) => response.contentTypes ?? [])
  const answers = contentTypes.length > 0 ? ", answers: 'text'" : ''
  return `${name}: { method: '${method}', path: '${path}'${idempotent === true ? ', idempotent: true' : ''}${sends}${answers} },`
}

function queryName(operation: string): string {
  return `${operation[0]!.toUpperCase()}${operation.slice(1)}Query`
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1)!
  if (schema.const !== undefined) return literals([schema.const])
  if (schema.enum !== undefined) return literals(schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return unionOf(choices.map(typeOf))
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  return types.map((type) => typeNamed(type, schema)).join(' | ')
}

/** A literal beside the type of all of them says nothing to the compiler. */
function unionOf(types: readonly string[]): string {
  const distinct = [...new Set(types)]
  return distinct.filter((type) => !type.startsWith("'") || !distinct.includes('string')).join(' | ')
}

function typeNamed(type: string, schema: Schema): string {
  switch (type) {
    case 'integer':
      return 'number'
    case 'array':
      return `readonly ${grouped(typeOf(schema.items!))}[]`
    case 'object':
      return objectType(schema)
    default:
      return type
  }
}

function objectType({ properties, required = [], additionalProperties, propertyNames }: Schema): string {
  if (properties !== undefined && Object.keys(properties).length > 0) {
    const lines = Object.entries(properties).map(([name, property]) => member(name, property, required.includes(name)))
    return `{\n${lines.join('\n')}\n}`
  }
  if (typeof additionalProperties === 'object' && additionalProperties.type !== undefined) {
    return `{ readonly [name in ${typeOf(propertyNames ?? { type: 'string' })}]?: ${typeOf(additionalProperties)} }`
  }
  return '{ readonly [name: string]: unknown }'
}

/** What may be left out may be given as `undefined` too. */
function member(name: string, schema: Schema, isRequired: boolean): string {
  const optional = isRequired ? `: ${typeOf(schema)}` : `?: ${typeOf(schema)} | undefined`
  return `${comment(schema.description)}readonly ${name}${optional}`
}

function literals(values: readonly Literal[]): string {
  return values.join() === codes.join() ? 'VerificationCode' : values.map(literal).join(' | ')
}

function literal(value: Literal): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}

function grouped(type: string): string {
  return type.includes('|') ? `(${type})` : type
}

function comment(text: string | undefined): string {
  return text === undefined ? '' : `/** ${text} */\n`
}

if (import.meta.main) writeFileSync(join(root, contractPath), sdkContract())
