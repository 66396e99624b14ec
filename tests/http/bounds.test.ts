import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as core from '@chatelaine/core'
import * as bounds from '../../packages/api/src/bounds.ts'

test('a bound that the domain knows by the same name as the API is the same', () => {
  const known = new Map<string, unknown>(Object.entries(core))
  const shared = Object.entries(bounds).filter(([name]) => known.has(name))
  assert.ok(shared.length > 0)
  for (const [name, bound] of shared) assert.equal(known.get(name), bound, name)
})
