import type { Server } from 'node:http'
import type { Assembled } from './assemble.ts'

/** After so long requests that are still under way are cut off, so that the whole stop stays within 10 s. */
const requestsMs = 8_000

const idleSweepMs = 20

/**
 * Stops in order: says that it is not ready, takes no more connections, answers what it holds, then writes what is in
 * memory and lets go of the data directory.
 */
export async function drain(server: Server, assembled: Assembled): Promise<void> {
  assembled.turnAway('The server is stopping.')
  await new Promise<void>((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), idleSweepMs)
    const cut = setTimeout(() => server.closeAllConnections(), requestsMs)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cut)
      resolve()
    })
  })
  await assembled.close()
}
