import { noteMasterKey } from '@chatelaine/core'
import { openSqliteReader } from '@chatelaine/storage/sqlite'
import { assemble, type Assembled } from '../assemble.ts'
import { systemClock, systemTimer } from '../clock.ts'
import { complain } from '../complain.ts'
import { readSettings, type Settings } from '../config.ts'
import { drain } from '../drain.ts'
import { endWithDefects } from '../ending.ts'
import { giveFirstCredentials } from '../first-start.ts'
import { openLog, type Log } from '../log.ts'
import { readMasterKey } from '../master-key.ts'
import { originAt, readyText, serveRequests } from '../serving.ts'
import type { OpenStorage } from '../storage.ts'
import { Gathering } from './gathering.ts'
import { JointCounter } from './joint-counter.ts'
import { voice, type Told } from './messages.ts'
import { WriterClient } from './writer-client.ts'

/** One of the processes that answer requests, all on one port. */

const writer = new WriterClient(voice, systemTimer)

/** What is written goes to the process that writes; the rest is read from the same file. */
const openBesideWriter: OpenStorage = async ({ settings, ring, onDamaged }) => {
  const reader = openSqliteReader({
    directory: settings.dataDirectory,
    ringText: ring.toText().reveal(),
    onDamaged,
    writer,
    clock: systemClock,
  })
  return {
    ...reader,
    countTogether: (onEnd) => JointCounter.connect(writer, onEnd),
    statistics: () => ({ pendingCommits: writer.length, lastCommitMs: 0 }),
    close: async () => reader.close(),
  }
}

voice.onTold((message) => {
  if (message.tell === 'ping') voice.say({ say: 'pong' })
  else if (message.tell === 'begin') void begin(message)
})

async function begin(told: Extract<Told, { tell: 'begin' }>): Promise<void> {
  try {
    process.umask(0o077)
    // Whoever started this process says when it ends; a terminal tells all of them at once.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
    const settings = readSettings(process.env)
    const logging = await openLog(settings.logLevel, { isTerminal: process.stdout.isTTY })
    endWithDefects(logging)
    await serve(settings, logging, told)
  } catch (error) {
    complain(error)
    process.exit(1)
  }
}

async function serve(
  settings: Settings,
  logging: Log,
  { isFirst, port }: Extract<Told, { tell: 'begin' }>,
): Promise<void> {
  const ring = readMasterKey(settings.masterKeyFile)
  const gathering = new Gathering(voice, systemTimer, () => assembled.service.metrics.figures())
  const assembled = await assemble(settings, ring, {
    ...logging,
    openStorage: openBesideWriter,
    othersFigures: () => gathering.others(),
  })
  if (isFirst) {
    await noteMasterKey(assembled.service.ports, ring.currentId)
    await giveFirstCredentials(assembled.service.ports, settings, logging.log)
  }
  const { host } = settings.listen
  const { server } = await serveRequests(assembled, { host, port })
  voice.onTold((message) => {
    if (message.tell === 'stop') void end(() => drain(server, assembled), logging)
  })
  voice.say({ say: 'ready', ...(isFirst && { told: await tellReady(assembled, port, settings) }) })
}

function tellReady(assembled: Assembled, port: number, settings: Settings): Promise<string> {
  return readyText(assembled, originAt(port, settings))
}

async function end(stop: () => Promise<void>, { log, flush }: Log): Promise<void> {
  let code = 0
  try {
    await stop()
  } catch (error) {
    log.error({ err: error }, 'not stopped in order')
    code = 1
  }
  flush()
  process.exit(code)
}
