import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('<file>', 'the export, as JSON lines')
    .requiredOption('--keys <file>', 'what the server answered under /.well-known/chatelaine-audit-key')
    .addHelpText(
      'after',
      '\nIt needs neither the server nor its data. Keep the keys apart from the exports: whoever can replace both can\nreplace the log.',
    )
    .action(async (file: string, { keys }: { readonly keys: string }) => {
      const { orderExportCheck } = await import('@chatelaine/server/orders')
      terminal.write(`${orderExportCheck(file, keys)}\n`)
    })
}
