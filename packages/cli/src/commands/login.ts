import { hostname } from 'node:os'
import type { Command } from 'commander'
import { isExposed, requireName, serverUrl, withServer, type ConnectionOptions } from '../connection.ts'
import { Misuse } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { requireDuration } from '../times.ts'

interface Options extends Pick<ConnectionOptions, 'url' | 'name'> {
  readonly device?: true
  readonly browser?: true
  readonly keyring?: true
  readonly label?: string
  readonly scope?: readonly string[]
  readonly expires?: string
}

export function configure(command: Command, terminal: Terminal): void {
  withServer(command)
    .option('--name <name>', 'under which name to keep it, where there are several', requireName)
    .option('--device', 'show a code to type in the browser of any machine')
    .option('--browser', 'use the browser of this machine')
    .option('--keyring', 'keep the token in the keyring of the system, not in a file')
    .option('-l, --label <text>', 'what to call the token', `command line on ${hostname()}`)
    .option('-s, --scope <scope...>', 'what it may do; everything')
    .option('-e, --expires <duration>', 'how long it lives, such as 30d; as the server has it')
    .addHelpText('after', afterwards)
    .action((options: Options) => logIn(options, terminal))
}

async function logIn(options: Options, terminal: Terminal): Promise<void> {
  const { name, device, browser, keyring, label = '', scope: scopes, expires } = options
  if (device && browser) throw new Misuse('--device and --browser exclude each other')
  const url = await serverUrl(options)
  if (!URL.canParse(url)) throw new Misuse(`${url} is no URL of a server`, 'such as https://tokens.example.org')
  if (isExposed(url)) terminal.tell(`warning: the token comes from ${url} unencrypted; use https`)
  const { findKept, keep, keyringFor, revokeKept } = await import('../login/keep.ts')
  if (keyring) await keyringFor(name)
  const former = await findKept(name).catch(() => undefined)
  const wish = {
    label,
    scopes,
    lifetimeSeconds: expires === undefined ? undefined : requireDuration('--expires', expires),
  }
  const { hasBrowser, signInByBrowser } = await import('../login/browser.ts')
  const { signInByDevice } = await import('../login/device.ts')
  const isByBrowser = browser ?? (device === undefined && hasBrowser(process.platform, process.env))
  const token = await (isByBrowser ? signInByBrowser : signInByDevice)(url, wish, terminal)
  await keep(token, { url, ...(keyring && { keyring }) }, name)
  terminal.tell(`signed in at ${url}; chatelaine logout ends it`)
  // What was kept here before is nobody's now. That it cannot be ended must not keep anybody from signing in.
  if (former !== undefined) await revokeKept(former).catch(() => undefined)
}

const afterwards = `
The token is kept under the configuration directory of your user, mode 0600, or in the keyring, and is sent to
this server only. Without a browser on this machine a code is shown, to be typed in the browser of any other.`
