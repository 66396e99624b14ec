import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeSetUpCode, noteMasterKey } from '@chatelaine/core'
import { assemble, type Assembled } from './assemble.ts'
import { complain } from './complain.ts'
import { originOf, readSettings, settingsTable, type Listen, type Settings } from './config.ts'
import { drain } from './drain.ts'
import { giveFirstCredentials, goodBootstrapTokenFile, prepareFiles } from './first-start.ts'
import { createApp } from './http/app.ts'
import { createListener } from './http/listener.ts'
import { openLog, type Log } from './log.ts'
import { OperatorError } from './operator-error.ts'
import { readyLines } from './ready-lines.ts'

/** However its parts behave, the process has ended so long after it was told to. */
const stopMs = 10_000

/** One press of Ctrl-C may arrive twice, from the terminal and from what started us: within this time it is one. */
const sameSignalMs = 500

try {
  await start()
} catch (error) {
  complain(error)
  process.exit(1)
}

async function start(): Promise<void> {
  // Every file that is made from here on is its owner's alone.
  process.umask(0o077)
  const settings = readSettings(process.env)
  const logging = await openLog(settings.logLevel, { isTerminal: process.stdout.isTTY })
  endWithDefects(logging)
  const ring = prepareFiles(settings, randomBytes)
  const assembled = await assemble(settings, ring, logging)
  try {
    await noteMasterKey(assembled.service.ports, ring.currentId)
    await giveFirstCredentials(assembled.service.ports, settings, logging.log)
    const server = createListener(assembled.service, createApp(assembled.service).handle)
    await listen(server, settings.listen)
    stopOnSignals(server, assembled, logging)
    await tellReady(server, assembled, settings, logging)
  } catch (error) {
    await assembled.close()
    throw error
  }
}

/** @throws OperatorError when the address is taken; the system's own error when it cannot be used otherwise. */
function listen(server: Server, { host, port }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const hint = `stop that program, or set ${settingsTable.listen.variable} to another port; 0 picks a free one`
      reject(new OperatorError(`${host}:${port} is in use by another program`, hint, error))
    })
    server.listen({ host, port }, resolve)
  })
}

async function tellReady(server: Server, { service }: Assembled, settings: Settings, { log }: Log): Promise<void> {
  const { port } = server.address() as AddressInfo
  const { host } = settings.listen
  const origin = settings.publicUrl ?? originOf({ host, port })
  const isOpen = !(await service.ports.accounts.hasAdministrator())
  const setUpCode = isOpen ? makeSetUpCode(service.ports) : undefined
  const bootstrapTokenFile = await goodBootstrapTokenFile(service)
  log.info({ url: origin, host, port }, 'ready')
  process.stderr.write(readyLines({ origin, setUpCode, bootstrapTokenFile }))
}

/** The first signal lets the server finish what it holds; a second one ends it at once. */
function stopOnSignals(server: Server, assembled: Assembled, { log, flush }: Log): void {
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
      await drain(server, assembled)
    } catch (error) {
      log.error({ err: error }, 'not stopped in order')
      leave(1)
    }
    log.info('stopped')
    leave(0)
  }
  function leave(code: number): never {
    flush()
    process.exit(code)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** A defect that nobody caught leaves the process in a state that nobody knows: it says so and ends. */
function endWithDefects({ log, flush }: Log): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'defect')
    flush()
    process.exit(1)
  })
}
