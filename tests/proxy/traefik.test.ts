import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '@chatelaine/api'
import { guideBlock } from './guide.ts'

// Neither Debian nor npm has a Traefik that could be run here, so what the guide says of it is only read.
test('the configuration for Traefik names every header that the server answers, and passes no credential on', () => {
  const text = guideBlock('yaml')
  const listOf = (name: string): string[] =>
    new RegExp(`^ *${name}: \\[(.*)\\]$`, 'm').exec(text)?.[1]?.split(', ').toSorted() ?? []
  const answered = routes.forwardAuth.responses[200].headers.filter((name) => name.startsWith('X-Chatelaine-'))
  assert.deepEqual(listOf('authResponseHeaders'), answered.toSorted())
  const credentials = ['Authorization', 'Token', 'X-API-Key']
  assert.deepEqual(listOf('authRequestHeaders'), [...credentials, 'User-Agent'].toSorted())
  for (const name of credentials) assert.match(text, new RegExp(`^ *${name}: ''$`, 'm'))
  assert.match(text, new RegExp(`^ *address: \\S+${routes.forwardAuth.path}\\?`, 'm'))
})
