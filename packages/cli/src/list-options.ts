import { InvalidArgumentError, type Command } from 'commander'
import { rowsDefault, rowsMax } from './list.ts'

/** The options that every list has. */
export function withListOptions(command: Command): Command {
  return command
    .option('--limit <count>', `how many to print at most; ${rowsDefault}`, parseLimit)
    .option('--json', 'print JSON')
}

function parseLimit(text: string): number {
  const limit = Number(text)
  if (/^[0-9]+$/.test(text) && limit >= 1 && limit <= rowsMax) return limit
  throw new InvalidArgumentError(`It is a whole number from 1 to ${rowsMax}.`)
}
