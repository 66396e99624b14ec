import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<id>', 'which former key')
    .option('-y, --yes', 'do it; without this it only lists what it would revoke')
    .addHelpText('after', '\nNo server may run.')
    .action(async (id: string, { yes = false }: { readonly yes?: boolean }) => {
      const { orderKeyRetirement } = await import('@chatelaine/server/orders')
      terminal.write(`${await orderKeyRetirement(id, yes)}\n`)
    })
}
