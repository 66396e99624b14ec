import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, codeOf, issue } from './api.ts'
import { makeDirectory, runServer } from './processes.ts'

const privateFile = 0o600
const privateDirectory = 0o700
const modeOf = (...path: string[]) => statSync(join(...path)).mode & 0o777

/** Runs a server that cannot start. @returns what it told. */
async function refusal(directory: string, environment: Record<string, string> = {}): Promise<string> {
  const { code, told, out } = await runServer(directory, environment).ended
  assert.equal(code, 1, told)
  assert.doesNotMatch(told + out, /\n\s+at /, 'a stack is for defects')
  return told
}

test('bad settings end the start with a sentence for each, and nothing is made', async (context) => {
  const directory = makeDirectory(context)
  const told = await refusal(directory, { CHATELAINE_LISTEN: 'here', CHATELAINE_LISTENS: 'x' })
  const lines = told.trimEnd().split('\n')
  assert.equal(lines.length, 2)
  for (const line of lines) assert.match(line, /^chatelaine: error: CHATELAINE_LISTENS? .+: expected .+\.$/)
  assert.equal(existsSync(join(directory, 'data')), false)
})

test('everything that the first start makes is its owner’s alone', async (context) => {
  const directory = makeDirectory(context)
  const server = runServer(directory)
  await server.ready()
  const data = join(directory, 'data')
  assert.equal(modeOf(data), privateDirectory)
  assert.equal(modeOf(data, 'journal'), privateDirectory)
  for (const file of ['master.key', 'chatelaine.db', 'lock.db', 'journal/journal.jsonl']) {
    assert.equal(modeOf(data, file), privateFile, file)
  }
  server.signal('SIGTERM')
  assert.equal((await server.ended).code, 0)
})

test('the master key is made once and stays as it is', async (context) => {
  const directory = makeDirectory(context)
  const keyFile = join(directory, 'data', 'master.key')
  const keys: string[] = []
  for (let start = 0; start < 2; start += 1) {
    const server = runServer(directory)
    await server.ready()
    server.signal('SIGTERM')
    await server.ended
    keys.push(readFileSync(keyFile, 'utf8'))
  }
  assert.match(keys[0]!, /^\w+ [\w+/]{43}=\n$/)
  assert.equal(keys[1], keys[0])
})

test('a master key that others may read is refused with the command that closes it', async (context) => {
  const directory = makeDirectory(context)
  const keyFile = join(directory, 'key')
  writeFileSync(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`)
  chmodSync(keyFile, 0o640)
  const told = await refusal(directory, { CHATELAINE_MASTER_KEY_FILE: keyFile })
  assert.match(told, /error: the master key file .*key can be read by others than its owner\n/)
  assert.match(told, /hint: run: chmod 600 '.*key'\n/)
})

test('a master key that is none is refused, and is not shown', async (context) => {
  const directory = makeDirectory(context)
  const keyFile = join(directory, 'key')
  writeFileSync(keyFile, 'c2hvcnQ=\n', { mode: privateFile })
  const told = await refusal(directory, { CHATELAINE_MASTER_KEY_FILE: keyFile })
  assert.match(told, /error: the master key file .*key cannot be used: .*expected the base64 of 32 bytes/)
  assert.doesNotMatch(told, /c2hvcnQ/)
})

test('a database whose master key is gone is refused until the key is back, and no other is made', async (context) => {
  const directory = makeDirectory(context)
  const keyFile = join(directory, 'data', 'master.key')
  const first = runServer(directory)
  await first.ready()
  first.signal('SIGTERM')
  await first.ended
  renameSync(keyFile, `${keyFile}.away`)
  assert.match(
    await refusal(directory),
    /error: the master key file .* is missing, and .*chatelaine\.db was made with one/,
  )
  assert.equal(existsSync(keyFile), false)
  renameSync(`${keyFile}.away`, keyFile)
  const again = runServer(directory)
  await again.ready()
  again.signal('SIGTERM')
  assert.equal((await again.ended).code, 0)
})

test('a volume for the journal that is new to us starts, whatever its file system keeps there', async (context) => {
  const directory = makeDirectory(context)
  const journal = join(directory, 'volume')
  mkdirSync(join(journal, 'lost+found'), { recursive: true })
  chmodSync(journal, 0o700)
  const server = runServer(directory, { CHATELAINE_JOURNAL: journal })
  await server.ready()
  server.signal('SIGTERM')
  await server.ended
})

test('a data directory that others may enter is refused before anything is put there', async (context) => {
  const directory = makeDirectory(context)
  mkdirSync(join(directory, 'data'), { mode: 0o755 })
  assert.match(await refusal(directory), /error: Others than its owner may enter .*chmod 700/)
  assert.deepEqual(readdirSync(join(directory, 'data')), [])
})

test('a master key that is not the database’s own is refused', async (context) => {
  const directory = makeDirectory(context)
  const server = runServer(directory)
  await server.ready()
  server.signal('SIGTERM')
  await server.ended
  const keyFile = join(directory, 'data', 'master.key')
  writeFileSync(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: privateFile })
  assert.match(await refusal(directory), /error: The master key is not the one that this database was made with/)
})

test('a second server on the same data is refused, and the first goes on', async (context) => {
  const directory = makeDirectory(context)
  const first = runServer(directory)
  const origin = await first.ready()
  assert.match(await refusal(directory), /error: The data directory .* is in use by another process/)
  assert.equal((await ask(origin, 'GET', '/readyz')).status, 200)
  first.signal('SIGTERM')
  assert.equal((await first.ended).code, 0)
})

test('an address that another program listens on is refused with what to do', async (context) => {
  const directory = makeDirectory(context)
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  context.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const told = await refusal(directory, { CHATELAINE_LISTEN: `127.0.0.1:${port}` })
  assert.match(
    told,
    new RegExp(`error: 127\\.0\\.0\\.1:${port} is in use by another program\n.*hint: .*CHATELAINE_LISTEN`),
  )
})

test('a data directory that cannot be made is refused with the reason', async (context) => {
  const directory = makeDirectory(context)
  writeFileSync(join(directory, 'file'), '')
  const told = await refusal(directory, { CHATELAINE_DATA: join(directory, 'file', 'data') })
  assert.match(told, /^chatelaine: error: .*ENOTDIR/)
})

test('the set-up link makes the first administrator, once, and is printed no more afterwards', async (context) => {
  const directory = makeDirectory(context)
  const server = runServer(directory)
  const origin = await server.ready()
  const link = /http:\S+\/setup#(\S+)/.exec(server.told())
  assert.ok(link !== null && link[0].startsWith(`${origin}/setup#`))
  assert.equal((await fetch(link[0])).status, 200)
  const person = { username: 'ada', password: 'correct horse battery staple' }
  const setUp = () => ask(origin, 'POST', '/api/v1/setup', { body: { code: link[1], ...person } })
  const made = await setUp()
  assert.equal(made.status, 201, JSON.stringify(made.body))
  assert.equal(made.body.role, 'admin')
  assert.equal((await setUp()).status, 409)
  assert.equal((await ask(origin, 'POST', '/api/v1/session', { body: person })).status, 201)
  server.signal('SIGTERM')
  await server.ended
  const again = runServer(directory)
  await again.ready()
  assert.doesNotMatch(again.told(), /setup/)
  again.signal('SIGTERM')
  await again.ended
})

test('the public address stands in the ready line and in the set-up link', async (context) => {
  const server = runServer(makeDirectory(context), { CHATELAINE_PUBLIC_URL: 'https://tokens.example.com' })
  await server.says(/ready at https:\/\/tokens\.example\.com\n/)
  await server.says(/ {2}https:\/\/tokens\.example\.com\/setup#\S+\n/)
  server.signal('SIGTERM')
  await server.ended
})

test('the administrator of the settings can sign in, and the password file is read only that once', async (context) => {
  const directory = makeDirectory(context)
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, 'correct horse battery staple\n', { mode: privateFile })
  const environment = { CHATELAINE_ADMIN_USERNAME: 'ada', CHATELAINE_ADMIN_PASSWORD_FILE: passwordFile }
  const server = runServer(directory, environment)
  const origin = await server.ready()
  assert.doesNotMatch(server.told(), /setup/)
  const body = { username: 'Ada', password: 'correct horse battery staple' }
  assert.equal((await ask(origin, 'POST', '/api/v1/session', { body })).status, 201)
  server.signal('SIGTERM')
  await server.ended
  rmSync(passwordFile)
  const again = runServer(directory, environment)
  await again.ready()
  again.signal('SIGTERM')
  assert.equal((await again.ended).code, 0)
})

test('an administrator’s password that is short, or that others may read, is refused', async (context) => {
  const directory = makeDirectory(context)
  const passwordFile = join(directory, 'password')
  const environment = { CHATELAINE_ADMIN_USERNAME: 'ada', CHATELAINE_ADMIN_PASSWORD_FILE: passwordFile }
  assert.match(await refusal(directory, environment), /error: the administrator password file .* does not exist/)
  writeFileSync(passwordFile, 'hunter2\n', { mode: privateFile })
  const short = await refusal(directory, environment)
  assert.match(short, /error: the administrator password file .* the password must have at least 15 characters/)
  assert.doesNotMatch(short, /hunter2/)
  writeFileSync(passwordFile, 'correct horse battery staple\n')
  chmodSync(passwordFile, 0o604)
  assert.match(await refusal(directory, environment), /can be read by others than its owner\n.*chmod 600/)
})

test('the bootstrap token is written once, for its owner alone, and is a manager that may do everything', async (context) => {
  const directory = makeDirectory(context)
  const file = join(directory, 'manager.token')
  const environment = { CHATELAINE_BOOTSTRAP_TOKEN_FILE: file }
  const server = runServer(directory, environment)
  const origin = await server.ready()
  const token = readFileSync(file, 'utf8')
  assert.equal(modeOf(file), privateFile)
  assert.match(token, /^chl_mgr_[0-9A-Za-z]{54}$/)
  assert.equal(await codeOf(origin, token, token), 'valid')
  assert.equal(await codeOf(origin, token, (await issue(origin, token, 'ada')).token), 'valid')
  server.signal('SIGTERM')
  await server.ended
  rmSync(file)
  const again = runServer(directory, environment)
  assert.equal(await codeOf(await again.ready(), token, token), 'valid')
  assert.equal(existsSync(file), false)
  again.signal('SIGTERM')
  await again.ended
})

test('a bootstrap token file that is there already is not written over', async (context) => {
  const directory = makeDirectory(context)
  const file = join(directory, 'manager.token')
  writeFileSync(file, 'something else')
  const told = await refusal(directory, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: file })
  assert.match(told, /error: the bootstrap token file .* exists, but the database is empty/)
  assert.equal(readFileSync(file, 'utf8'), 'something else')
})

test('a start that was killed between the bootstrap token and its file ends that token and writes another', async (context) => {
  const directory = makeDirectory(context)
  const file = join(directory, 'manager.token')
  const environment = { CHATELAINE_BOOTSTRAP_TOKEN_FILE: file }
  const killed = runServer(directory, environment)
  await killed.ready()
  killed.signal('SIGKILL')
  await killed.ended
  // As the disk stands when the token is committed and its file is not there yet.
  const lost = readFileSync(file, 'utf8')
  rmSync(file)
  writeFileSync(`${file}.begun`, '')
  const server = runServer(directory, environment)
  const origin = await server.ready()
  const token = readFileSync(file, 'utf8')
  assert.equal(await codeOf(origin, token, token), 'valid')
  assert.equal(await codeOf(origin, token, lost), 'revoked')
  assert.equal(existsSync(`${file}.begun`), false)
  server.signal('SIGTERM')
  await server.ended
})

test('the first entry of the log is the start of the deployment, and later starts add none', async (context) => {
  const directory = makeDirectory(context)
  mkdirSync(join(directory, 'data'), { mode: 0o700 })
  const file = join(directory, 'manager.token')
  const environment = { CHATELAINE_BOOTSTRAP_TOKEN_FILE: file }
  for (let start = 0; start < 2; start += 1) {
    const server = runServer(directory, environment)
    const origin = await server.ready()
    const { body } = await ask(origin, 'GET', '/api/v1/audit', { token: readFileSync(file, 'utf8') })
    const actions = (body.data as { action: string }[]).map(({ action }) => action)
    assert.deepEqual(actions, ['token.created', 'deployment.started'])
    server.signal('SIGTERM')
    await server.ended
  }
})

test('a start shows how to verify the first token as long as that is good', async (context) => {
  const directory = makeDirectory(context)
  const file = join(directory, 'manager.token')
  const environment = { CHATELAINE_BOOTSTRAP_TOKEN_FILE: file }
  const first = runServer(directory, environment)
  const origin = await first.ready()
  assert.match(first.told(), /Verify the first token/)
  const token = readFileSync(file, 'utf8')
  assert.equal((await ask(origin, 'DELETE', '/api/v1/tokens/self', { token })).status, 204)
  first.signal('SIGTERM')
  await first.ended
  const second = runServer(directory, environment)
  await second.ready()
  assert.doesNotMatch(second.told(), /Verify the first token/)
  second.signal('SIGTERM')
  await second.ended
})
