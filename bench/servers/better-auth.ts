// The API-key plugin of better-auth behind the same bare HTTP server. It is not a dependency of the project: arguments
// are the directory where it is installed, one for its database, how many keys to make, and how SQLite flushes. The keys
// go to a file beside the database.

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { listen } from './listen.ts'

/** What of better-auth is used here; the compiler cannot see the package. */
interface BetterAuth {
  readonly api: {
    readonly signUpEmail: (call: { body: Record<string, string> }) => Promise<{ user: { id: string } }>
    readonly createApiKey: (call: { body: Record<string, string> }) => Promise<{ key: string }>
    readonly verifyApiKey: (call: { body: { key: string } }) => Promise<object>
  }
}
interface Migrations {
  readonly runMigrations: () => Promise<void>
}
type Options = Readonly<Record<string, unknown>>

const [installed = '', directory = '', keyCount = '', synchronous = ''] = process.argv.slice(2)
const auth = await openAuth()
writeFileSync(join(directory, 'keys.json'), JSON.stringify(await makeKeys(Number(keyCount))))
listen(createServer(answer))

async function openAuth(): Promise<BetterAuth> {
  const { betterAuth } = await load<{ betterAuth: (options: Options) => BetterAuth }>('better-auth')
  const { apiKey } = await load<{ apiKey: (options: Options) => object }>('@better-auth/api-key')
  const { getMigrations } = await load<{ getMigrations: (options: Options) => Promise<Migrations> }>(
    'better-auth/db/migration',
  )
  const database = new DatabaseSync(join(directory, 'better-auth.db'))
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}`)
  const options: Options = {
    database,
    secret: randomBytes(32).toString('base64'),
    baseURL: 'http://127.0.0.1',
    emailAndPassword: { enabled: true },
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  }
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
  return betterAuth(options)
}

async function load<Module>(name: string): Promise<Module> {
  const path = createRequire(join(installed, 'package.json')).resolve(name)
  return (await import(pathToFileURL(path).href)) as Module
}

async function makeKeys(count: number): Promise<string[]> {
  const password = randomBytes(16).toString('hex')
  const { user } = await auth.api.signUpEmail({ body: { email: 'owner@example.com', password, name: 'owner' } })
  const keys: string[] = []
  for (let made = 0; made < count; made++) {
    const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: `key ${made}` } })
    keys.push(key)
  }
  return keys
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { token } = JSON.parse(Buffer.concat(chunks).toString()) as { token: string }
    auth.api.verifyApiKey({ body: { key: token } }).then(
      (verdict) => send(response, 200, JSON.stringify(verdict)),
      (error: unknown) => send(response, 500, String(error)),
    )
  })
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
