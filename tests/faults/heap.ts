// Loaded into the server's process before its own code, with the garbage collector exposed: it says over IPC what the
// process holds once everything that nobody needs any more is gone.

import { setImmediate } from 'node:timers/promises'

/** What a process holds. */
export interface Holding {
  readonly heapBytes: number
  readonly residentBytes: number
  readonly openSockets: number
}

process.on('message', (question) => {
  if (question === 'holding') void tell()
})
// The channel must not keep a server alive that has closed.
process.channel?.unref()

async function tell(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.()
    await setImmediate()
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  const openSockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  process.send?.({ heapBytes: heapUsed + external, residentBytes: rss, openSockets } satisfies Holding)
}
