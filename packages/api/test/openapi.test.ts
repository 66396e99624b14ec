import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  examples,
  oauthErrors,
  oauthErrorsOf,
  openApiDocument,
  problems,
  problemsOf,
  read,
  routes,
  schemas,
  type Route,
} from '../src/index.ts'

const document = openApiDocument({ title: 'Chatelaine', version: '0.1.0', serverUrl: 'http://127.0.0.1:8470' })

interface Operation {
  operationId: string
  security: object[]
  parameters?: { name?: string; $ref?: string }[]
  requestBody?: { content: object }
  responses: Record<string, { content?: Record<string, { examples?: object }>; headers?: object }>
}

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    place: `${method.toUpperCase()} ${path}`,
    ...(operation as unknown as Operation),
  })),
)

test('every route is in the document under its method and path, and nothing else is', () => {
  const wanted = Object.entries(routes).map(([name, { method, path }]) => `${name}: ${method} ${path}`)
  const found = operations.map(({ operationId, place }) => `${operationId}: ${place}`)
  assert.deepEqual(found.toSorted(), wanted.toSorted())
})

test('an operation shows the statuses, problems, parameters and body of its route', () => {
  for (const operation of operations) {
    const route: Route = routes[operation.operationId as keyof typeof routes]
    const keys = problemsOf(route)
    const codes = oauthErrorsOf(route)
    const statuses = [
      ...Object.keys(route.responses),
      ...keys.map((key) => String(problems[key].status)),
      ...codes.map((code) => String(oauthErrors[code].status)),
    ]
    assert.deepEqual(Object.keys(operation.responses).toSorted(), [...new Set(statuses)].toSorted(), operation.place)
    const shown = Object.values(operation.responses).flatMap((response) =>
      Object.keys(response.content?.['application/problem+json']?.examples ?? {}),
    )
    assert.deepEqual(shown.toSorted(), keys.toSorted(), operation.place)
    assert.equal(operation.requestBody !== undefined, route.body !== undefined, operation.place)
    const [mediaType] = Object.keys(operation.requestBody?.content ?? {})
    const bodyType = route.shape === 'oauth' ? 'application/x-www-form-urlencoded' : 'application/json'
    if (route.body !== undefined) assert.equal(mediaType, bodyType, operation.place)
    const headers = Object.entries(route.responses).flatMap(([status, response]) =>
      (response.headers ?? []).filter((name) => !(name in (operation.responses[status]?.headers ?? {}))),
    )
    assert.deepEqual(headers, [], operation.place)
    const heedsKey = operation.parameters?.some(({ $ref }) => $ref?.endsWith('/IdempotencyKey')) ?? false
    assert.equal(heedsKey, route.idempotent === true, operation.place)
    assert.equal(operation.security.length > 0, route.credential !== 'none', operation.place)
  }
})

test('every example is what its schema accepts', () => {
  for (const [name, example] of Object.entries(examples)) {
    const reading = read(schemas[name as keyof typeof schemas], example)
    assert.ok(reading.ok, `${name}: ${JSON.stringify(reading)}`)
  }
})

test('every schema and field of the document is described', () => {
  const silent = Object.entries(componentsOf(document)).flatMap(([name, { description, properties = {} }]) => [
    ...(description === undefined ? [name] : []),
    ...Object.entries(properties)
      .filter(([field, property]) => property.description === undefined && !['valid', 'code'].includes(field))
      .map(([field]) => `${name}.${field}`),
  ])
  assert.deepEqual(silent, [])
})

test('no field of a body has to be there because it has a default, and the default is said', () => {
  const { AccountCreate, VerifyRequest } = componentsOf(document)
  assert.deepEqual(AccountCreate?.required, ['username'])
  assert.deepEqual(VerifyRequest?.required, ['token'])
  assert.match(AccountCreate.properties?.['role']?.description ?? '', / Left out, it is `"member"`\.$/)
  for (const { properties = {} } of Object.values(componentsOf(document))) {
    for (const property of Object.values(properties)) assert.ok(!('default' in property))
  }
})

test('the linter finds neither an error nor a warning in the document', () => {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-openapi-'))
  try {
    const file = join(directory, 'openapi.json')
    writeFileSync(file, JSON.stringify(document, null, 2))
    const root = fileURLToPath(new URL('../../../', import.meta.url))
    const program = fileURLToPath(import.meta.resolve('@redocly/cli/bin/cli.js'))
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'lint', '--format', 'json', file], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', REDOCLY_TELEMETRY: 'off' },
    })
    assert.equal(status, 0, stderr)
    assert.deepEqual(JSON.parse(stdout).problems, [])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

interface Component {
  readonly description?: string
  readonly required?: readonly string[]
  readonly properties?: Record<string, { readonly description?: string }>
}

function componentsOf({ components }: typeof document): Record<string, Component> {
  return (components as { schemas: Record<string, Component> }).schemas
}
