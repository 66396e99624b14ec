import type { Command } from 'commander'
import type { TokenUpdate } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { Misuse } from '../failure.ts'
import { printRecord, type ListOptions } from '../list.ts'
import type { Terminal } from '../terminal.ts'
import { requireInstant } from '../times.ts'
import { tokenFields } from '../token-fields.ts'
import { requireOneLife, withTokenOptions, type TokenOptions } from '../token-options.ts'

interface Options extends Omit<TokenOptions, 'rate'>, ListOptions, ConnectionOptions {
  readonly rate?: TokenOptions['rate'] | false
  readonly suspend?: true
  readonly resume?: true
  readonly anyIp?: true
}

export function configure(command: Command, terminal: Terminal): void {
  withTokenOptions(command.argument('<id>', 'which token'))
    .option('--no-rate', 'it may be verified as often as one likes')
    .option('--any-ip', 'it may be used from anywhere')
    .option('--suspend', 'it is refused until it is resumed')
    .option('--resume', 'it is good again')
    .option('--json', 'print JSON')
  withConnection(command).action(async (id: string, options: Options) => {
    const body = bodyOf(options, terminal.now())
    if (Object.values(body).every((value) => value === undefined)) {
      throw new Misuse('nothing is to be changed', 'say what: --label, --scope, --expires, --suspend, …')
    }
    const { client } = await connect(options, terminal)
    printRecord(terminal, await client.tokens.update(id, body), tokenFields, options)
  })
}

function bodyOf(options: Options, now: number): TokenUpdate {
  const { label, scope, expires, permanent, allowIp, anyIp, rate, metadata, suspend, resume } = options
  requireOneLife({ ...(expires !== undefined && { expires }), ...(permanent !== undefined && { permanent }) })
  if (suspend !== undefined && resume !== undefined) throw new Misuse('--suspend and --resume exclude each other')
  if (allowIp !== undefined && anyIp !== undefined) throw new Misuse('--allow-ip and --any-ip exclude each other')
  return {
    label,
    scopes: scope,
    expires_at: permanent ? null : expires === undefined ? undefined : requireInstant('--expires', expires, now),
    allowed_ips: anyIp ? [] : allowIp,
    rate_limit: rate === false ? null : rate,
    metadata,
    is_active: suspend ? false : resume,
  }
}
