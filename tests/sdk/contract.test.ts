import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { routes, type Route } from '@chatelaine/api'
import { createClient } from '@chatelaine/sdk'
import { inRoot } from '../../tools/root.ts'
import { contractPath, sdkContract } from '../../tools/sdk-contract.ts'

/** What no method is for. */
const notInTheClient = {
  forwardAuth: 'a proxy asks it, with the headers of somebody else’s request',
} as const

test('the types of the SDK are those of the API; if not, run `node tools/sdk-contract.ts`', () => {
  assert.equal(readFileSync(inRoot(contractPath), 'utf8'), sdkContract())
})

test('the client has a method for every operation of the API', async () => {
  const asked = new Set<string>()
  const client = createClient({
    url: 'http://127.0.0.1',
    fetch: (url, init) => {
      const { pathname } = new URL(url)
      const path = pathname.replace(tokenId, '{id}').replace(accountId, '{account_id}')
      asked.add(`${init?.method} ${path}`)
      return Promise.reject(new Error('noted'))
    },
  })
  for (const group of Object.values(client) as object[]) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(group)))) {
      if (name === 'constructor') continue
      const begun = (value as (...given: unknown[]) => unknown).call(group, tokenId, accountId, {})
      const first = isIterable(begun) ? begun[Symbol.asyncIterator]().next() : (begun as Promise<unknown>)
      await assert.rejects(first, { message: 'noted' }, `${name} asks nothing`)
    }
  }
  const operations = Object.entries<Route>(routes).filter(([name]) => !(name in notInTheClient))
  const known = operations.map(([, { method, path }]) => `${method} ${path}`)
  assert.deepEqual([...asked].toSorted(), known.toSorted())
})

const tokenId = 'tok_7Yp2mQx9Kd4RtV1b'
const accountId = 'acc_3Fh8Lw0ZqT6uYc2N'

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
