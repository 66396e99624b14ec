// Servers of one deployment on a PostgreSQL of their own, to be measured.

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from '../tests/faults/client.ts'
import { Steward } from '../tests/faults/steward.ts'
import { startPostgres } from '../tests/services/postgres.ts'
import { startChatelaine } from './chatelaine.ts'
import type { Scene } from './scene.ts'
import type { ServerProcess } from './server-process.ts'

export interface Instances {
  readonly servers: readonly ServerProcess[]
  /** Asks any of them. */
  readonly steward: Steward
  /** Starts this one again, so that it has seen no token. */
  restart(this: void, index: number): Promise<ServerProcess>
  stop(this: void): Promise<void>
}

/** Starts so many, the first one alone. They have passed the time in which every barrier is waited for. */
export async function startInstances(scene: Pick<Scene, 'emptyDirectory'>, count: number): Promise<Instances> {
  const postgres = await startPostgres()
  const databaseUrl = await postgres.createDatabase()
  const shared = scene.emptyDirectory()
  const key = join(shared, 'master.key')
  writeFileSync(key, randomBytes(32).toString('base64'), { mode: 0o600 })
  const bootstrapToken = join(shared, 'bootstrap.token')
  const directories = Array.from({ length: count }, () => scene.emptyDirectory())
  const settings = {
    CHATELAINE_DATABASE_URL: databaseUrl,
    CHATELAINE_MASTER_KEY_FILE: key,
    CHATELAINE_BOOTSTRAP_TOKEN_FILE: bootstrapToken,
  }
  const start = (index: number) => startChatelaine(join(directories[index]!, 'data'), settings)
  const servers: ServerProcess[] = []
  for (const index of directories.keys()) servers.push(await start(index))
  const client = new Client(
    servers.map(({ port }) => port),
    { connections: 64 },
  )
  const steward = new Steward(client, readFileSync(bootstrapToken, 'utf8').trim())
  const { id } = await steward.issue({ kind: 'manager', scopes: ['chatelaine.tokens:read'] })
  for (const { port } of servers) {
    const one = new Client(port)
    await one.ask('DELETE', `/api/v1/tokens/${id}`, { as: steward.token })
    one.close()
  }
  return {
    servers,
    steward,
    async restart(index) {
      await servers[index]!.stop()
      return (servers[index] = await start(index))
    },
    async stop() {
      client.close()
      await Promise.all(servers.map((server) => server.stop()))
      await postgres.close()
    },
  }
}
