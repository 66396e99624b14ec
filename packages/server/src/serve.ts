import { randomBytes } from 'node:crypto'
import { noteMasterKey } from '@chatelaine/core'
import { assemble } from './assemble.ts'
import { complain } from './complain.ts'
import { readSettings, type Settings } from './config.ts'
import { drain, noticeMs } from './drain.ts'
import { endWithDefects, stopOnSignals } from './ending.ts'
import { giveFirstCredentials, prepareFiles } from './first-start.ts'
import { openLog, type Log } from './log.ts'
import { supervise } from './processes/supervise.ts'
import { originAt, readyText, serveRequests } from './serving.ts'

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
  if (settings.processes > 1) await supervise(settings, logging)
  else await serveAlone(settings, logging)
}

async function serveAlone(settings: Settings, logging: Log): Promise<void> {
  const ring = prepareFiles(settings, randomBytes)
  const assembled = await assemble(settings, ring, logging)
  try {
    await noteMasterKey(assembled.service.ports, ring.currentId)
    await giveFirstCredentials(assembled.service.ports, settings, logging.log)
    const { server, port } = await serveRequests(assembled, settings.listen)
    const stillTakenMs = settings.databaseUrl === undefined ? 0 : noticeMs
    stopOnSignals(() => drain(server, assembled, stillTakenMs), logging)
    const origin = originAt(port, settings)
    const text = await readyText(assembled, origin)
    logging.log.info({ url: origin, host: settings.listen.host, port }, 'ready')
    process.stderr.write(text)
  } catch (error) {
    await assembled.close()
    throw error
  }
}
