import { homedir } from 'node:os'
import { join } from 'node:path'
import { tokenFileEnding } from './token-file.ts'

/** Under which name a token is kept when nobody says another. */
export const storedNameDefault = 'default'

/** Where the command line keeps the token of this name: in the configuration directory of the XDG specification. */
export function storedTokenFile(
  name: string = storedNameDefault,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  return join(configurationDirectory(environment), 'chatelaine', `${name}${tokenFileEnding}`)
}

function configurationDirectory(environment: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming')
  const { XDG_CONFIG_HOME: named } = environment
  // XDG Base Directory §3: a path that is not absolute is to be ignored.
  return named?.startsWith('/') === true ? named : join(environment['HOME'] ?? homedir(), '.config')
}
