import type { Command } from 'commander'
import type { Terminal } from '../terminal.ts'

export function configure(command: Command, terminal: Terminal): void {
  command.action(async () => {
    const { orderKeyRotation } = await import('@chatelaine/server/orders')
    terminal.write(`${orderKeyRotation()}\n`)
  })
}
