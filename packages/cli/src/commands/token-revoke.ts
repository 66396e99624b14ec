import type { Command } from 'commander'
import type { Client, RevokeTokensQuery } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { counted } from '../counted.ts'
import { Misuse } from '../failure.ts'
import { withProgress } from '../progress.ts'
import { requireYes } from '../question.ts'
import type { Terminal } from '../terminal.ts'
import { filtersOf, withTokenFilters, type TokenFilters } from '../token-filters.ts'
import { acceptedText } from '../token-usage.ts'

interface Options extends TokenFilters, ConnectionOptions {
  readonly all?: true
  readonly dryRun?: true
  readonly reason?: string
  readonly keepDescendants?: true
  readonly includeSelf?: true
  readonly yes?: true
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[id...]', 'which tokens')
    .option('--all', 'all tokens that the filters find; yours, unless --account or --project names an owner')
    .option('--dry-run', 'revoke nothing, only say what it would end')
  withTokenFilters(command)
    .option('--include-self', 'the token that you use too, if the filters find it')
    .option('--keep-descendants', 'not the tokens that they made')
    .option('--reason <text>', 'why, for the audit log and the owner')
    .option('-y, --yes', 'do not ask')
  withConnection(command).action(async (ids: readonly string[], options: Options) => {
    if (options.all && ids.length > 0) throw new Misuse('--all and the id of a token exclude each other')
    if (!options.all && ids.length === 0)
      throw new Misuse('name the tokens to revoke, or say --all', 'chatelaine token list shows their ids')
    if (options.all) return revokeAll(options, terminal)
    const { client } = await connect(options, terminal)
    for (const id of ids) {
      if (options.dryRun) {
        terminal.write(`${id} ${acceptedText(await client.tokens.usage(id), 'within the last 24 hours')}\n`)
        continue
      }
      await client.tokens.revoke(id, howOf(options))
      terminal.tell(`revoked ${id}`)
    }
  })
}

async function revokeAll(options: Options, terminal: Terminal): Promise<void> {
  const { client } = await connect(options, terminal)
  const query = { ...(await ownersOf(options, client)), ...howOf(options), include_self: options.includeSelf }
  const { remaining: found } = await client.tokens.revokeMany({ ...query, dry_run: true })
  const tokens = counted(found, 'token', 'tokens')
  if (options.dryRun || found === 0) return terminal.write(`${tokens} would be revoked\n`)
  await requireYes(`Revoke ${tokens}, for good?`, options.yes === true, terminal)
  const revoked = await withProgress('Revoking', found, terminal, (advance) => revokeInBatches(client, query, advance))
  terminal.write(`${counted(revoked, 'token', 'tokens')} revoked\n`)
}

async function revokeInBatches(
  client: Client,
  query: RevokeTokensQuery,
  advance: (count: number) => void,
): Promise<number> {
  for (let count = 0; ;) {
    const { revoked, remaining } = await client.tokens.revokeMany(query)
    count += revoked
    advance(revoked)
    // What somebody else is revoking at the same time may be left without anything to do for us.
    if (remaining === 0 || revoked === 0) return count
  }
}

/** All means all of one's own: only who manages others can name another owner. */
async function ownersOf(options: Options, client: Client): Promise<RevokeTokensQuery> {
  const filters = filtersOf(options)
  if (filters.account_id !== undefined || filters.project_id !== undefined) return filters
  const { account_id, project_id } = await client.tokens.getSelf()
  if (account_id !== null) return { ...filters, account_id }
  if (project_id !== null) return { ...filters, project_id }
  if (Object.values(filters).every((filter) => filter === undefined)) {
    throw new Misuse('a manager token owns nothing', 'say which tokens: --account, --project, --kind, --origin, -q, …')
  }
  return filters
}

function howOf({ reason, keepDescendants }: Options): Pick<RevokeTokensQuery, 'reason' | 'descendants'> {
  return { reason, descendants: keepDescendants ? 'keep' : undefined }
}
