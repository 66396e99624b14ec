import { randomBytes } from 'node:crypto'
import { openSqliteWriter } from '@chatelaine/storage/sqlite'
import { complain } from '../complain.ts'
import { readSettings } from '../config.ts'
import { openLog } from '../log.ts'
import { readMasterKey } from '../master-key.ts'
import { Metrics } from '../metrics/metrics.ts'
import { Desk } from './desk.ts'
import { voice, type Answer, type Told } from './messages.ts'

/** The process that writes for all others, and counts what has to be counted in one place. */

try {
  await serve()
} catch (error) {
  complain(error)
  process.exit(1)
}

async function serve(): Promise<void> {
  process.umask(0o077)
  // Whoever started this process says when it ends: a terminal tells all of them at once, and this one has to be last.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  const settings = readSettings(process.env)
  const { log, flush } = await openLog(settings.logLevel, { isTerminal: process.stdout.isTTY })
  function leave(code: number): never {
    flush()
    process.exit(code)
  }
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'defect')
    leave(1)
  })
  const metrics = new Metrics()
  const writer = await openSqliteWriter({
    directory: settings.dataDirectory,
    journalDirectory: settings.journalDirectory,
    ringText: readMasterKey(settings.masterKeyFile).toText().reveal(),
    random: (count) => randomBytes(count),
    onDamaged: (row) => log.error({ row }, 'row damaged: it is treated as absent'),
    onFault: (fault) => log.error({ fault }, 'storage at fault'),
    onWritten: (written) => metrics.written(written),
    onReplaced() {
      log.fatal('another writer has taken over')
      leave(1)
    },
  })
  const desk = new Desk(writer)
  writer.follow({ applied: tellOfNews, reset: tellOfNews, withheld: tellOfNews })
  voice.onTold((message) => {
    if (message.tell === 'ask') void desk.answer(message.from, message.ask).then((answer) => reply(message, answer))
    else if (message.tell === 'gone') desk.forget(message.who)
    else if (message.tell === 'tell-figures') void tellFigures(message, metrics)
    else if (message.tell === 'ping') voice.say({ say: 'pong' })
    else if (message.tell === 'stop') void end()
  })
  // Whoever started this process is gone, and so is everybody who could ask.
  process.on('disconnect', () => void end())
  async function end(): Promise<void> {
    await writer.close()
    leave(0)
  }
  voice.say({ say: 'ready' })
}

function tellOfNews(): void {
  voice.say({ say: 'hint' })
}

async function tellFigures(
  { from: to, number }: Extract<Told, { tell: 'tell-figures' }>,
  metrics: Metrics,
): Promise<void> {
  voice.say({ say: 'figures', to, number, figures: await metrics.figures() })
}

function reply({ from, number }: { readonly from: number; readonly number: number }, answer: Answer): void {
  voice.say({ say: 'answer', to: from, number, answer })
}
