import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly yes?: boolean
  readonly withoutJournal?: boolean
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .option('-y, --yes', 'do it; without this it only says what it would do')
    .option('--without-journal', 'also when the journal is lost: what was revoked since then lives again')
    .addHelpText('after', '\nNo instance may run. The settings are those of the one whose journal is whole.')
    .action(async ({ yes = false, withoutJournal = false }: Options) => {
      const { orderReplay } = await import('@chatelaine/server/orders')
      terminal.write(`${await orderReplay({ yes, withoutJournal })}\n`)
    })
}
