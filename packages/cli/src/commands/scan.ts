import { Option, type Command } from 'commander'
import type { Client, Secret } from '@chatelaine/sdk'
import { connect, connectWithoutToken, withConnection, type ConnectionOptions } from '../connection.ts'
import { counted } from '../counted.ts'
import { Misuse } from '../failure.ts'
import { printList, rowsMax, type Column } from '../list.ts'
import { withProgress } from '../progress.ts'
import { requireYes } from '../question.ts'
import type { Fate } from '../scan/fate.ts'
import type { Finding } from '../scan/scan-file.ts'
import type { Terminal } from '../terminal.ts'

interface Options extends ConnectionOptions {
  readonly history?: true
  readonly staged?: true
  readonly exclude: readonly string[]
  readonly binary?: true
  readonly prefix?: readonly string[]
  readonly offline?: true
  readonly revoke?: true
  readonly yes?: true
  readonly json?: true
  readonly sarif?: true
  readonly installHook?: true
  readonly rules?: 'gitleaks' | 'trufflehog'
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .argument('[path...]', 'files and directories; the current directory; - is standard input')
    .option('--history', 'everything that was ever in the git repository, in place of files')
    .option('--staged', 'what the next commit would hold, in place of files')
    .option('--exclude <glob...>', 'leave out what has this name or path', [])
    .option('--binary', 'look through binary files too')
    .option('--prefix <prefix...>', 'only tokens that begin with this, such as chl')
    .option('--offline', 'do not ask the server which tokens live')
    .option('--revoke', 'revoke what was found, after a question')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .option('--sarif', 'print SARIF 2.1.0')
    .option('--install-hook', 'have git look through every commit before it is made')
    .addOption(new Option('--rules <scanner>', 'print a rule for another scanner').choices(['gitleaks', 'trufflehog']))
  withConnection(command)
    .addHelpText('after', closing)
    .action(async (paths: readonly string[], options: Options) => {
      const { rules, installHook: isHookWanted } = options
      if (rules !== undefined) return printRules(rules, options, terminal)
      if (isHookWanted) {
        const { installHook } = await import('../scan/hook.ts')
        return terminal.tell(`set ${await installHook([process.execPath, process.argv[1]!])}`)
      }
      await scan(paths, options, terminal)
    })
}

async function printRules(rules: 'gitleaks' | 'trufflehog', { prefix = ['chl'] }: Options, terminal: Terminal) {
  const { isTokenPrefix } = await import('@chatelaine/token')
  const wrong = prefix.find((one) => !isTokenPrefix(one))
  if (wrong !== undefined) throw new Misuse(`${wrong} is no prefix`, 'it is 2 to 16 of a-z and 0-9, a letter first')
  const { scanners } = await import('../scan/rules.ts')
  for (const one of prefix) terminal.write(scanners[rules](one))
}

async function scan(paths: readonly string[], options: Options, terminal: Terminal): Promise<void> {
  const { look, summary } = await import('../scan/look.ts')
  const { prefix } = options
  const looked = await withProgress('Files:', undefined, terminal, (advance) => look(paths, options, advance))
  const findings = looked.findings.filter((found) => prefix === undefined || prefix.includes(found.prefix))
  terminal.tell(summary(looked, findings))
  const fates = await fatesOf(findings, options, terminal)
  await print(findings, fates, options, terminal)
  if (findings.length === 0) return
  process.exitCode = 1
  if (options.revoke) await revoke(findings, options, terminal)
}

async function fatesOf(findings: readonly Finding[], options: Options, terminal: Terminal): Promise<Map<string, Fate>> {
  if (findings.length === 0 || options.offline) return new Map()
  const { lookUpFates } = await import('../scan/fate.ts')
  let client: Client
  try {
    ;({ client } = await connect(options, terminal))
  } catch (error) {
    // Without a token of one's own the places are still worth knowing.
    if (!(error instanceof Error) || error.name !== 'CredentialError') throw error
    terminal.tell('which of them live is not known, since there is no token to ask with')
    return new Map()
  }
  return new Map(
    await lookUpFates(
      client,
      findings.map(({ id }) => id),
    ),
  )
}

async function print(
  findings: readonly Finding[],
  fates: ReadonlyMap<string, Fate>,
  { json, sarif }: Options,
  terminal: Terminal,
): Promise<void> {
  if (sarif) {
    const { formatSarif } = await import('../scan/sarif.ts')
    return terminal.write(formatSarif(findings, fates))
  }
  const rows = findings.map(({ place, line, column, id, start }) => ({
    place,
    line,
    column,
    id,
    start,
    ...fates.get(id),
  }))
  if (rows.length === 0 && !json) return
  await printList(terminal, rows, columns, { ...(json && { json }), limit: rowsMax })
}

async function revoke(findings: readonly Finding[], options: Options, terminal: Terminal): Promise<void> {
  const { revokeFound } = await import('../scan/fate.ts')
  const tokens = distinct(findings)
  const { client, url } = await connectWithoutToken(options)
  await requireYes(
    `Revoke ${counted(tokens.length, 'token', 'tokens')} at ${url}, for good?`,
    options.yes === true,
    terminal,
  )
  await withProgress('Revoking', tokens.length, terminal, (advance) => revokeFound(client, tokens, advance))
  terminal.tell(`whatever of them ${url} had issued is revoked`)
}

/** Each secret once. A token that was rotated has several under one id. */
function distinct(findings: readonly Finding[]): Secret[] {
  const byId = Map.groupBy(findings, ({ id }) => id)
  return [...byId.values()].flatMap((same) =>
    same
      .map(({ token }) => token)
      .filter((token, index, tokens) => tokens.findIndex((other) => other.equals(token)) === index),
  )
}

type Row = Pick<Finding, 'place' | 'line' | 'column' | 'id' | 'start'> & Partial<Fate>

const columns: readonly Column<Row>[] = [
  { title: 'place', text: ({ place, line }) => `${place}:${line}` },
  { title: 'start', text: ({ start }) => start },
  { title: 'token', text: ({ id }) => id },
  { title: 'status', text: ({ status }) => status ?? null },
  { title: 'owner', text: ({ owner }) => owner ?? null },
  { title: 'since', at: ({ since }) => since ?? null, none: '' },
]

const closing = `
A token is recognised by its checksum, so that nothing else is taken for one: plain or inside base64, in ASCII, UTF-8 or
UTF-16. One that is broken over two lines is not found, nor one inside a compressed file. The secret is never shown.
Exit code 1 when something was found.`
