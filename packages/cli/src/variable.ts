// How an environment variable is set in each shell, out of a file, so that the token itself is in no command.

interface Given {
  readonly variable: string
  /** An absolute path without control characters. */
  readonly file: string
}

interface ShellWords {
  readonly name: string
  readonly commentLead: string
  /** Sets the variable for the session. */
  readonly once: (given: Given) => string
  /** Has every later session set it. */
  readonly forGood: (given: Given) => string
  readonly note?: (given: Given) => readonly string[]
}

const posix = ({ variable, file }: Given) => `export ${variable}="$(cat ${quoted(file)})"`
const fish = ({ variable, file }: Given) => `set -gx ${variable} (cat ${fishQuoted(file)})`
const read = (file: string) => `(Get-Content -Raw ${file}).Trim()`

/** A shell reads what stands between the two words as it is. */
function appending(target: string, line: string): string {
  return `cat >> ${target} <<'END'\n${line}\nEND`
}

export const shells: Readonly<Record<Shell, ShellWords>> = {
  bash: {
    name: 'bash',
    commentLead: '#',
    once: posix,
    forGood: (given) => appending('~/.profile', posix(given)),
    note: () => ['Sessions begin at the next login; a ~/.bash_profile, where there is one, is read instead.'],
  },
  zsh: {
    name: 'zsh',
    commentLead: '#',
    once: posix,
    forGood: (given) => appending('~/.zprofile', posix(given)),
    note: (given) => [
      'Sessions begin at the next login. Programs of macOS that no terminal starts see it until the next restart after:',
      `launchctl setenv ${given.variable} "$(cat ${quoted(given.file)})"`,
    ],
  },
  fish: {
    name: 'fish',
    commentLead: '#',
    once: fish,
    // fish has no here-documents.
    forGood: (given) => `echo ${fishQuoted(fish(given))} >> ~/.config/fish/config.fish`,
  },
  powershell: {
    name: 'PowerShell',
    commentLead: '#',
    once: ({ variable, file }) => `$env:${variable} = ${read(powershellQuoted(file))}`,
    forGood: ({ variable, file }) =>
      `[Environment]::SetEnvironmentVariable('${variable}', ${read(powershellQuoted(file))}, 'User')`,
    note: () => [
      'Windows keeps the token itself in the registry of your user then; sign in again to see it everywhere.',
    ],
  },
  cmd: {
    name: 'cmd.exe',
    commentLead: 'rem',
    once: ({ variable, file }) => `set /p ${variable}=<"${file}"`,
    forGood: ({ variable, file }) => `set /p ${variable}=<"${file}"\nsetx ${variable} "%${variable}%"`,
    note: () => ['setx serves windows that are opened later. The registry of your user keeps the token itself.'],
  },
}

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell' | 'cmd'

/** The shell that somebody on this machine most likely uses. */
export function shellHere(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): Shell {
  if (platform === 'win32') return 'powershell'
  const named = environment['SHELL']?.split('/').at(-1)
  if (named === 'bash' || named === 'zsh' || named === 'fish') return named
  return platform === 'darwin' ? 'zsh' : 'bash'
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", `\\'`)}'`
}

function powershellQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
