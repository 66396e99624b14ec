import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { readSettings, SettingsError, settingsTable } from '../../packages/server/src/config.ts'
import { settingsPage } from './settings-page.ts'

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment)
  } catch (error) {
    assert.ok(error instanceof SettingsError)
    return error.faults
  }
  return []
}

test('without any variable every setting has the default that its row names', () => {
  const settings = readSettings({ PATH: '/bin' })
  assert.deepEqual(settings.listen, { host: '127.0.0.1', port: 8470 })
  assert.equal(settings.dataDirectory, resolve('data'))
  assert.equal(settings.journalDirectory, resolve('data/journal'))
  assert.equal(settings.masterKeyFile, resolve('data/master.key'))
  assert.equal(settings.tokenPrefix, 'chl')
  assert.deepEqual(settings.corsOrigins, [])
  assert.equal(settings.publicUrl, undefined)
})

test('the journal and the key lie in the data directory unless they are placed elsewhere', () => {
  const settings = readSettings({ CHATELAINE_DATA: '/var/chatelaine', CHATELAINE_MASTER_KEY_FILE: '/etc/key' })
  assert.equal(settings.journalDirectory, '/var/chatelaine/journal')
  assert.equal(settings.masterKeyFile, '/etc/key')
})

test('docs/reference/settings.md says what the table of the settings says', () => {
  const page = readFileSync(new URL('../../docs/reference/settings.md', import.meta.url), 'utf8')
  assert.equal(page, settingsPage(), 'write it anew: node tests/start/settings-page.ts > docs/reference/settings.md')
})

test('a variable that is no setting is refused by its name, with those that there are', () => {
  const [fault = '', ...others] = faultsOf({ CHATELAINE_PORT: '8080' })
  assert.deepEqual(others, [])
  assert.match(fault, /^CHATELAINE_PORT is no setting: expected one of .*CHATELAINE_LISTEN/)
  assert.doesNotMatch(fault, /8080/)
})

test('what clients read is let stand', () => {
  assert.deepEqual(faultsOf({ CHATELAINE_TOKEN: 'chl_acc_1', CHATELAINE_URL: 'http://127.0.0.1:1' }), [])
})

test('every bad value is told at once, in a sentence that names it and what was expected, and does not repeat it', () => {
  const bad = { CHATELAINE_LISTEN: 'hunter2', CHATELAINE_LOG: 'hunter2', CHATELAINE_TOKEN_PREFIX: 'Hunter2' }
  const faults = faultsOf(bad)
  assert.deepEqual(
    faults.map((fault) => fault.split(' ', 1)[0]),
    Object.keys(bad).toSorted((a, b) => variables.indexOf(a) - variables.indexOf(b)),
  )
  for (const fault of faults) {
    assert.match(fault, /: expected .+\.$/)
    assert.doesNotMatch(fault, /hunter2/i)
  }
})

const variables = Object.values<{ variable: string }>(settingsTable).map(({ variable }) => variable)

test('the user name of the administrator and the file of the password go together', () => {
  assert.match(faultsOf({ CHATELAINE_ADMIN_USERNAME: 'ada' })[0]!, /ADMIN_USERNAME is set without .*PASSWORD_FILE/)
  assert.match(faultsOf({ CHATELAINE_ADMIN_PASSWORD_FILE: 'p' })[0]!, /PASSWORD_FILE is set without .*ADMIN_USERNAME/)
})

test('several processes share a SQLite, and no PostgreSQL', () => {
  const both = { CHATELAINE_PROCESSES: '2', CHATELAINE_DATABASE_URL: 'postgres://localhost/chatelaine' }
  assert.match(faultsOf(both)[0]!, /CHATELAINE_PROCESSES is set with CHATELAINE_DATABASE_URL/)
})

const samples: Readonly<Record<string, { good: readonly string[]; bad: readonly string[] }>> = {
  CHATELAINE_LISTEN: {
    good: ['0.0.0.0:1', '[::1]:0', 'localhost:65535'],
    bad: ['', '8470', 'localhost', '::1:80', '127.0.0.1:65536', '127.0.0.1:-1', 'a b:1', 'http://a:1'],
  },
  CHATELAINE_PUBLIC_URL: {
    good: ['https://a.example', 'http://a.example:8080', 'https://a.example/'],
    bad: ['', 'a.example', 'ftp://a.example', 'https://a.example/x', 'https://u:p@a.example', 'https://a.example?'],
  },
  CHATELAINE_DATA: { good: ['data', '/a/b'], bad: [''] },
  CHATELAINE_TOKEN_PREFIX: { good: ['ab', 'a1b2'], bad: ['', 'a', 'AB', '1a', 'a_b', 'a'.repeat(17)] },
  CHATELAINE_PLATFORM_NAME: { good: ['CoCalc', 'Zoë’s', 'x'.repeat(64)], bad: ['', ' ', 'a\nb', 'x'.repeat(65)] },
  CHATELAINE_CORS_ORIGINS: {
    good: ['none', 'https://a.example', 'https://a.example, http://b.example:1'],
    bad: ['', '*', 'a.example', 'https://a.example,', 'https://a.example/x'],
  },
  CHATELAINE_DATABASE_URL: {
    good: ['postgres://localhost/chatelaine', 'postgresql://name:password@[::1]:5433/a?sslmode=require'],
    bad: ['', 'localhost/chatelaine', 'mysql://localhost/a', 'postgres://localhost', 'postgres://localhost/a/b'],
  },
  CHATELAINE_PROCESSES: { good: ['1', '2', '64'], bad: ['', '0', '65', '-1', '2.5', 'all'] },
  CHATELAINE_REDIS_URL: {
    good: ['redis://127.0.0.1', 'redis://localhost:6380/', 'rediss://name:password@[::1]:6379/3'],
    bad: ['', 'localhost:6379', 'http://localhost:6379', 'redis://', 'redis://localhost/a', 'redis://localhost?db=1'],
  },
  CHATELAINE_TRUSTED_PROXIES: {
    good: ['none', '10.0.0.0/8', '10.1.2.3,::1'],
    bad: ['', 'proxy', '10.0.0.0/33', '::1,'],
  },
  CHATELAINE_USAGE_DAYS: { good: ['1', '2000'], bad: ['', '0', '-1', '1.5', '2001', '90 days'] },
  CHATELAINE_METRICS: { good: ['loopback', 'token', 'off'], bad: ['', 'on', 'Loopback', 'public'] },
  CHATELAINE_LOG: { good: ['trace', 'silent'], bad: ['', 'TRACE', 'verbose'] },
}

for (const [variable, { good, bad }] of Object.entries(samples)) {
  test(`${variable} takes what its row expects and nothing else`, () => {
    for (const value of good) assert.deepEqual(faultsOf({ [variable]: value }), [], value)
    for (const value of bad)
      assert.equal(faultsOf({ [variable]: value }).length, 1, `accepted ${JSON.stringify(value)}`)
  })
}
