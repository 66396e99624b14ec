import type { Command } from 'commander'
import { serverUrl, withConnection, type ConnectionOptions } from '../connection.ts'
import { printRecord, type ListOptions } from '../list.ts'
import { printable, type Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  withConnection(command.option('--json', 'print JSON'))
    .addHelpText('after', '\nExit code 1 when something is wrong; what is only unwise is told and leaves it 0.')
    .action(async (options: ConnectionOptions & ListOptions) => {
      const { examine } = await import('../doctor/examine.ts')
      const findings = await examine({ ...options, url: await serverUrl(options) }, terminal)
      if (findings.some(({ verdict }) => verdict === 'wrong')) process.exitCode = 1
      if (options.json) return printRecord(terminal, findings, [], options)
      for (const { verdict, says, hint } of findings) {
        terminal.write(`${terminal.style(verdict.padEnd(6), colours[verdict])}\t${printable(says)}\n`)
        if (hint !== undefined) terminal.write(`\t${terminal.style(printable(hint), 'dim')}\n`)
      }
    })
}

const colours = { good: 'green', unwise: 'yellow', wrong: 'red' } as const
