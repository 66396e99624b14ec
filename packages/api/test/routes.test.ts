import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  oauthErrors,
  oauthErrorsOf,
  problems,
  problemsOf,
  routes,
  type AnswerOf,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type Route,
} from '../src/index.ts'

const all: readonly (Route & { name: string })[] = Object.entries(routes).map(([name, route]) => ({ name, ...route }))

test('no two routes have the same method and path', () => {
  const places = all.map(({ method, path }) => `${method} ${path}`)
  assert.deepEqual(places, [...new Set(places)])
})

test('among routes that fit the same request the one with the literal segment comes first', () => {
  for (const [index, route] of all.entries()) {
    const fits = new RegExp(`^${route.path.replaceAll(/\{[a-z_]+\}/g, '[^/]+')}$`)
    const hidden = all.slice(index + 1).filter((later) => later.method === route.method && fits.test(later.path))
    assert.deepEqual(hidden, [], `${route.name} stands before what it hides`)
  }
})

test('a route names each parameter of its path, and no other', () => {
  for (const { name, path, params } of all) {
    const inPath = [...path.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1])
    const described = params === undefined ? [] : Object.keys((params as typeof routes.getToken.params).shape)
    assert.deepEqual(described, inPath, name)
  }
})

test('a route has a bound for its body exactly when it has a body', () => {
  for (const { name, body, bodyBytesMax } of all) assert.equal(bodyBytesMax !== undefined, body !== undefined, name)
})

test('reading takes no body, and only what creates heeds an idempotency key', () => {
  for (const { name, method, body, idempotent, responses } of all) {
    if (method === 'GET') assert.equal(body, undefined, name)
    if (idempotent === true) assert.ok(method === 'POST' && 201 in responses && 200 in responses, name)
  }
})

test('every problem can come from some route, except those that no route is reached with', () => {
  const reachable = new Set(all.flatMap(problemsOf))
  const unreached = Object.keys(problems).filter((key) => !reachable.has(key as keyof typeof problems))
  assert.deepEqual(unreached, ['route-not-found', 'method-not-allowed'])
})

test('every error of OAuth can come from some route, and only where no problem of the own API can', () => {
  const reachable = new Set(all.flatMap(oauthErrorsOf))
  assert.deepEqual([...reachable].toSorted(), Object.keys(oauthErrors).toSorted())
  for (const route of all) {
    const answersProblems = problemsOf(route).includes('internal')
    assert.equal(answersProblems, route.shape !== 'oauth', route.name)
    assert.equal(oauthErrorsOf(route).length === 0, answersProblems, route.name)
  }
})

test('handlers are given the types that the schemas describe', () => {
  const params: ParamsOf<'getToken'> = { id: 'tok_0123456789abcdef' }
  const query: QueryOf<'revokeToken'> = { descendants: 'keep' }
  const body: BodyOf<'createToken'> = { kind: 'account', expires_at: 0 }
  const nobody: BodyOf<'getToken'> = undefined
  const nothing: AnswerOf<'revokeToken'> = null
  const refused: AnswerOf<'verifyToken', 200> = { valid: false, code: 'unknown', token_id: null, seq: 'e.1' }
  // @ts-expect-error -- no kind of that name
  const wrong: BodyOf<'createToken'> = { kind: 'space' }
  // @ts-expect-error -- a refusal is never `valid`
  const contradiction: AnswerOf<'verifyToken'> = { valid: false, code: 'valid', token_id: null, seq: 'e.1' }
  assert.ok([params, query, body, nobody, nothing, refused, wrong, contradiction].length === 8)
})
