import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { holdDirectory, lockDirectoryForSeveral } from '@chatelaine/storage/sqlite'
import type { Settings } from '../config.ts'
import { stopOnSignals } from '../ending.ts'
import { prepareFiles } from '../first-start.ts'
import type { Log } from '../log.ts'
import { originAt } from '../serving.ts'
import { Crew } from './crew.ts'

/**
 * Runs the server as several processes: one that writes, and as many as are asked for that answer. This one holds the
 * data directory, starts the others, and carries what they say to each other.
 * @throws OperatorError, StorageError when it cannot start.
 */
export async function supervise(settings: Settings, logging: Log): Promise<void> {
  const { log, flush } = logging
  prepareFiles(settings, randomBytes)
  const held = holdDirectory(settings.dataDirectory, lockDirectoryForSeveral, (fault) =>
    log.error({ fault }, 'storage at fault'),
  )
  const { host } = settings.listen
  const port = settings.listen.port === 0 ? await freePort(host) : settings.listen.port
  const crew = new Crew(settings.processes, port, log)
  stopOnSignals(
    async () => {
      await crew.stop()
      await held.release()
    },
    logging,
    () => crew.kill(),
  )
  try {
    await held.waitForCheck()
    const told = await crew.start()
    if (told === undefined) {
      // Which of them could not start, and why, it has said itself.
      crew.kill()
      flush()
      process.exit(1)
    }
    log.info({ url: originAt(port, settings), host, port, processes: settings.processes }, 'ready')
    process.stderr.write(told)
  } catch (error) {
    crew.kill()
    await held.release()
    throw error
  }
}

/** A port that nobody listens at. */
async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
