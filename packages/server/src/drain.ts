import type { Server } from 'node:http'
import { setTimeout as pass } from 'node:timers/promises'
import type { Assembled } from './assemble.ts'

/** After so long requests that are still under way are cut off, so that the whole stop stays within 10 s. */
const requestsMs = 6_000

/** Where others answer too, whoever divides requests between them is given so long to see that this one is not ready. */
export const noticeMs = 2_000

const idleSweepMs = 20

/**
 * Stops in order: says that it is not ready, takes no more connections, answers what it holds, then writes what is in
 * memory and lets go of the data directory.
 * @param stillTakenMs how long it takes connections after it has said so
 */
export async function drain(server: Server, assembled: Assembled, stillTakenMs = 0): Promise<void> {
  assembled.turnAway('The server is stopping.')
  // So that no connection that somebody keeps is closed at the moment at which it is used again.
  server.prependListener('request', (_request, response) => (response.shouldKeepAlive = false))
  if (stillTakenMs > 0) await pass(stillTakenMs)
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
