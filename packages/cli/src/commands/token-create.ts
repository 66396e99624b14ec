import { Option, type Command } from 'commander'
import type { TokenCreate } from '@chatelaine/sdk'
import { connect, withConnection, type ConnectionOptions } from '../connection.ts'
import { giveSecret, prepareFor, withSecretOptions, type SecretOptions } from '../secret-out.ts'
import type { Terminal } from '../terminal.ts'
import { requireDuration, requireInstant, parseDuration } from '../times.ts'
import { parseCount, requireOneLife, withTokenOptions, type TokenOptions } from '../token-options.ts'

interface Options extends TokenOptions, SecretOptions, ConnectionOptions {
  readonly kind?: 'account' | 'project' | 'manager'
  readonly account?: string
  readonly project?: string
  readonly uses?: number
  readonly notBefore?: string
  readonly renewable?: string
}

export function configure(command: Command, terminal: Terminal): void {
  withTokenOptions(command)
    .addOption(new Option('--kind <kind>', 'what it speaks for').choices(['account', 'project', 'manager']))
    .option('--account <id>', 'whose it will be; for managers and administrators')
    .option('--project <id>', 'the one project that it will reach')
    .option('--uses <count>', 'how many verifications it is good for', parseCount)
    .option('--not-before <when>', 'from when on it may be used')
    .option('--renewable <duration>', 'for how long it may renew itself')
  withConnection(withSecretOptions(command))
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      requireOneLife(options)
      const body = bodyOf(options, terminal.now())
      await prepareFor(options)
      const { client } = await connect(options, terminal)
      const issued = await client.tokens.create(body)
      try {
        await giveSecret(issued, options, terminal)
      } catch (error) {
        // A token whose secret reached nobody would only lie about.
        await client.tokens.revoke(issued.id, { reason: 'Its secret could not be handed over.' })
        throw error
      }
    })
}

function bodyOf(options: Options, now: number): TokenCreate {
  const { label, scope, kind, account, project, expires, permanent, uses, notBefore, renewable } = options
  const seconds = expires === undefined ? undefined : parseDuration(expires)
  return {
    label,
    kind,
    account_id: account,
    project_id: project,
    scopes: scope,
    ...(seconds !== undefined && { lifetime_seconds: seconds }),
    ...(expires !== undefined && seconds === undefined && { expires_at: requireInstant('--expires', expires, now) }),
    permanent,
    uses_remaining: uses,
    allowed_ips: options.allowIp,
    rate_limit: options.rate,
    metadata: options.metadata,
    ...(notBefore !== undefined && { not_before: requireInstant('--not-before', notBefore, now) }),
    ...(renewable !== undefined && {
      renewable_until: new Date(now + requireDuration('--renewable', renewable) * 1_000).toISOString(),
    }),
  }
}

const examples = `
Without --expires or --permanent the token is temporary, as the server has it: 24 hours. The token goes to standard
output alone:

  chatelaine token create --label ci --scope data:read --expires 30d > ci.token
  chatelaine token create --label laptop --write laptop.token --gitignore`
