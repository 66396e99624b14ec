import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { placesIn, Site, type Ending, type RunningServer } from '../faults/running-server.ts'
import { newestPostgres } from '../services/postgres-programs.ts'
import { absenceOf, startPostgres, type PostgresServer } from '../services/postgres.ts'
import type { Environment } from '../start/processes.ts'

/** Why tests of several instances are skipped, or `false`. */
export const withoutPostgres = absenceOf(newestPostgres())

/**
 * Instances of one deployment on a PostgreSQL of their own. Each is a process with a data directory of its own, as an
 * operator starts them on several machines. With the test everything is gone, however it ends.
 */
export class Fleet {
  readonly #directory = mkdtempSync(join(tmpdir(), 'chatelaine-fleet-'))
  readonly #masterKey = join(this.#directory, 'master.key')
  readonly #endings: (() => Promise<void>)[] = []
  #postgres: PostgresServer | undefined
  #databaseUrl: string | undefined
  #first: Site | undefined

  constructor(ending: Ending) {
    writeFileSync(this.#masterKey, randomBytes(32).toString('base64'), { mode: 0o600 })
    ending.after(async () => {
      await Promise.all(this.#endings.map((end) => end()))
      await this.#postgres?.close()
      rmSync(this.#directory, { recursive: true })
    })
  }

  get postgres(): PostgresServer {
    if (this.#postgres === undefined) throw new Error('no instance was started yet')
    return this.#postgres
  }

  /** The database that all of them share. */
  async database(): Promise<string> {
    this.#postgres ??= await startPostgres()
    return (this.#databaseUrl ??= await this.#postgres.createDatabase())
  }

  /** Somewhere for one more instance. Of all these the first one is where the token is made that they are asked with. */
  place(): Site {
    const site = new Site({ after: (run) => void this.#endings.push(run) })
    this.#first ??= site
    return site
  }

  /** What an instance at this place is told. */
  async environmentAt(site: Site): Promise<Record<string, string>> {
    return {
      CHATELAINE_DATABASE_URL: await this.database(),
      CHATELAINE_MASTER_KEY_FILE: this.#masterKey,
      CHATELAINE_DATA: placesIn(site.directory).data,
    }
  }

  /** @param environment what it alone is told, such as another way to the database */
  async start(environment: Environment = {}, site = this.place()): Promise<RunningServer> {
    const settings = await this.environmentAt(site)
    const first = placesIn(this.#first!.directory).bootstrapToken
    if (site !== this.#first) copyFileSync(first, placesIn(site.directory).bootstrapToken)
    return site.start({ environment: { ...settings, ...environment } })
  }

  /** Starts so many: the first one by itself, the others at once. */
  async startMany(count: number, environment: Environment = {}): Promise<RunningServer[]> {
    const first = await this.start(environment)
    return [first, ...(await Promise.all(Array.from({ length: count - 1 }, () => this.start(environment))))]
  }
}
