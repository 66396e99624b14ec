// The one place where a secret leaves: standard output, or a file that only its owner reads.

import { fstatSync, type Stats } from 'node:fs'
import { appendFile, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { IssuedToken } from '@chatelaine/sdk'
import type { Command } from 'commander'
import { CommandFailure, Misuse } from './failure.ts'
import type { Terminal } from './terminal.ts'

export interface SecretOptions {
  readonly write?: string
  readonly gitignore?: true
  readonly json?: true
}

export function withSecretOptions(command: Command): Command {
  return command
    .option('-w, --write <file>', 'write the token into this file, mode 0600, instead of printing it')
    .option('--gitignore', 'with --write: keep the file out of the git repository it is in')
    .option('--json', 'print everything as JSON, the token included')
}

/**
 * To be called before there is a secret, so that none is made for a place that cannot take it.
 * @throws Misuse for options that contradict each other, CredentialError when git tracks the file, and CommandFailure
 * for a file that is there already and not the one to replace.
 */
export async function prepareFor(options: SecretOptions, mayReplace = false): Promise<void> {
  const { write, gitignore, json } = options
  if (write === undefined) {
    if (gitignore !== undefined) throw new Misuse('--gitignore goes with --write')
    return
  }
  if (json !== undefined) throw new Misuse('--json prints the token, and --write keeps it from being printed')
  const { checkGit } = await import('@chatelaine/sdk/node')
  const file = resolve(write)
  if (!(await exists(dirname(file)))) throw new CommandFailure(`there is no directory ${dirname(file)}`)
  if (!mayReplace && (await exists(file))) {
    throw new CommandFailure(`${write} exists already`, 'name another file, or move that one away')
  }
  await checkGit(file)
}

/** Hands the secret over, and says on standard error how to keep it. */
export async function giveSecret(issued: IssuedToken, options: SecretOptions, terminal: Terminal): Promise<void> {
  if (options.write !== undefined) return writeSecret(issued, options.write, options.gitignore === true, terminal)
  const { token, ...shown } = issued
  const secret = token.reveal()
  terminal.write(
    options.json === undefined ? `${secret}\n` : `${JSON.stringify({ ...shown, token: secret }, undefined, 2)}\n`,
  )
  terminal.tell(`this is the only time that ${issued.id} is shown; whoever holds it can do what you can do with it`)
  terminal.tell(`${terminal.emphasise('hint:', 'cyan')} ${adviceFor(fstatSync(process.stdout.fd))}`)
}

/** A shell makes the file that it redirects into for everybody to read, unless it was told otherwise. */
function adviceFor(output: Stats): string {
  if (output.isFile() && process.platform !== 'win32' && (output.mode & 0o077) !== 0) {
    return 'others can read the file that it went to: run chmod 600 on it, or use --write, which makes it for you alone'
  }
  return 'keep it in a file that only you read; --write FILE --gitignore makes one'
}

async function writeSecret(issued: IssuedToken, name: string, toIgnore: boolean, terminal: Terminal): Promise<void> {
  const { checkGit, writeTokenFile } = await import('@chatelaine/sdk/node')
  const file = resolve(name)
  await writeTokenFile(file, issued.token)
  terminal.tell(`wrote ${issued.id} to ${name}, which only you can read`)
  if (toIgnore) await ignore(file, terminal)
  const warning = await checkGit(file)
  if (warning !== undefined) terminal.tell(`warning: ${warning} --gitignore does that.`)
}

/** Adds the line to the `.gitignore` beside the file, unless it is there. */
async function ignore(file: string, terminal: Terminal): Promise<void> {
  const { ignoreLine } = await import('@chatelaine/sdk/node')
  const list = join(dirname(file), '.gitignore')
  const line = ignoreLine(file)
  const text = await readFile(list, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (text.split(/\r?\n/).includes(line)) return
  await appendFile(list, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`)
  terminal.tell(`added ${line} to ${basename(list)}`)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
