import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly yes?: boolean
  readonly withoutJournal?: boolean
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<file>', 'the backup')
    .option('-y, --yes', 'do it; without this it only says what it would do')
    .option('--without-journal', 'also when the journal is lost: what was revoked since the backup lives again')
    .addHelpText('after', '\nNo server may run. What was taken away since the backup is taken away again.')
    .action(async (file: string, { yes = false, withoutJournal = false }: Options) => {
      const { orderRestore } = await import('@chatelaine/server/orders')
      terminal.write(`${orderRestore({ file, yes, withoutJournal })}\n`)
    })
}
