import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<file>', 'where the copy goes; it must not be there')
    .addHelpText('after', '\nThe data is that of CHATELAINE_DATA, ./data unless said otherwise.')
    .action(async (file: string) => {
      const { orderBackup } = await import('@chatelaine/server/orders')
      terminal.write(`${await orderBackup(file)}\n`)
    })
}
