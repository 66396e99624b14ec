import type { Log } from './log.ts'

/** However its parts behave, the process has ended so long after it was told to. */
const stopMs = 10_000

/** One press of Ctrl-C may arrive twice, from the terminal and from what started us: within this time it is one. */
const sameSignalMs = 500

/**
 * The first signal lets the server finish what it holds; a second one ends it at once.
 * @param drain stops in order
 * @param onLeave called as the last thing
 */
export function stopOnSignals(drain: () => Promise<void>, { log, flush }: Log, onLeave = (): void => undefined): void {
  let toldAt: number | undefined
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (toldAt !== undefined) {
      if (now - toldAt < sameSignalMs) return
      log.warn({ signal }, 'stopped at once')
      leave(1)
    }
    toldAt = now
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error('not stopped in time')
      leave(1)
    }, stopMs).unref()
    void drainAndLeave()
  }
  async function drainAndLeave(): Promise<void> {
    try {
      await drain()
    } catch (error) {
      log.error({ err: error }, 'not stopped in order')
      leave(1)
    }
    log.info('stopped')
    leave(0)
  }
  function leave(code: number): never {
    onLeave()
    flush()
    process.exit(code)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** A defect that nobody caught leaves the process in a state that nobody knows: it says so and ends. */
export function endWithDefects({ log, flush }: Log): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'defect')
    flush()
    process.exit(1)
  })
}
