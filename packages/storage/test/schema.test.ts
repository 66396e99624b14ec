import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { Connection } from '../src/sqlite/connection.ts'
import { makePrivateFile } from '../src/directory.ts'
import { migrate } from '../src/sqlite/migrate.ts'
import { migrations } from '../src/sqlite/schema.ts'
import { makePlace, within } from './opened.ts'

test('a database with a newer schema is refused with a sentence, and stays as it is', async (context) => {
  const place = await makePlace(context)
  await within(place, async () => {})
  place.tamper(`PRAGMA user_version = ${migrations.length + 1}`)
  await assert.rejects(place.open(), { key: 'newer-schema', message: /Run the newer release that wrote it/ })
  place.tamper(`PRAGMA user_version = ${migrations.length}`)
  await within(place, async () => {})
})

test('a database of another program is refused', async (context) => {
  const place = await makePlace(context)
  place.tamper('CREATE TABLE theirs (a)')
  await assert.rejects(place.open(), { key: 'not-ours' })
})

test('a file that is no database is refused', async (context) => {
  const place = await makePlace(context)
  writeFileSync(place.databaseFile, 'this is no database, and it is long enough to look like one. '.repeat(100))
  await assert.rejects(place.open(), { key: 'damaged' })
})

test('migrations go forward, and one that was interrupted goes on where it stopped', async (context) => {
  const { databaseFile } = await makePlace(context)
  makePrivateFile(databaseFile)
  const connection = Connection.openWriter(databaseFile)
  context.after(() => connection.close())
  const first = 'CREATE TABLE one (a TEXT) STRICT'
  const broken = 'CREATE TABLE two (a TEXT) STRICT; INSERT INTO nowhere VALUES (1)'
  assert.throws(() => migrate(connection, [first, broken]), /nowhere/)
  assert.equal(versionOf(connection), 1)
  assert.equal(connection.get("SELECT 1 FROM sqlite_schema WHERE name = 'two'"), undefined)
  migrate(connection, [first, 'CREATE TABLE two (a TEXT) STRICT'])
  migrate(connection, [first, 'CREATE TABLE two (a TEXT) STRICT'])
  assert.equal(versionOf(connection), 2)
})

test('every table is strict, so that no value of another type gets in', async (context) => {
  const place = await makePlace(context)
  await within(place, async () => {})
  const connection = Connection.openReader(place.databaseFile)
  context.after(() => connection.close())
  const lax = connection.all(
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0",
  )
  assert.deepEqual(lax, [])
})

function versionOf(connection: Connection): unknown {
  return connection.get('PRAGMA user_version')?.user_version
}
