import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { Option, type Command } from 'commander'
import { filtersOf, withAuditFilters, type AuditFilters } from '../audit-filters.ts'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { withProgress } from '../progress.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends AuditFilters, ConnectionOptions {
  readonly format?: 'jsonl' | 'csv'
  readonly output?: string
}

export function configure(command: Command, terminal: Terminal): void {
  withAuditFilters(command)
    .addOption(new Option('--format <format>', 'jsonl can be verified, csv cannot; jsonl').choices(['jsonl', 'csv']))
    .option('-o, --output <file>', 'write into this file, which must not be there; standard output')
  withConnection(command)
    .addHelpText('after', '\n`chatelaine audit verify` checks such an export, without the server.')
    .action(async (options: Options) => {
      const { format, output } = options
      const { client } = await connect(options, terminal)
      const pieces = client.audit.export({ ...filtersOf(options, terminal.now()), format })
      if (output === undefined) {
        // As fast as whoever reads it.
        return pipeline(pieces, process.stdout, { end: false })
      }
      await writeInto(output, pieces, terminal)
    })
}

async function writeInto(output: string, pieces: AsyncIterable<string>, terminal: Terminal): Promise<void> {
  const file = await open(output, 'wx', 0o600)
  try {
    await withProgress('Characters exported:', undefined, terminal, async (advance) => {
      for await (const piece of pieces) {
        await file.write(piece)
        advance(piece.length)
      }
    })
    await file.sync()
  } finally {
    await file.close()
  }
  terminal.tell(`exported to ${output}`)
}
