import type { Command } from 'commander'
import { requireName } from '../connection.ts'
import type { Terminal } from '../terminal.ts'

interface Options {
  readonly name?: string
  readonly local?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .option('--name <name>', 'which login, where there are several', requireName)
    .option('--local', 'only forget the token here, without revoking it')
    .action(async ({ name, local }: Options) => {
      const { findKept, forget, revokeKept } = await import('../login/keep.ts')
      const kept = await findKept(name)
      if (kept === undefined) return terminal.tell('nobody is signed in here')
      if (!local) await revokeKept(kept)
      await forget(kept, name)
      terminal.tell(
        `signed out from ${kept.login.url}${local ? '; the token lives on until it expires' : ', and the token is dead'}`,
      )
    })
}
