import type { Secret } from '@chatelaine/token'

export interface Ready {
  /** Where people's browsers find the server. */
  readonly origin: string
  /** While there is no administrator. */
  readonly setUpCode: Secret | undefined
  /** The file of a manager token that is good, if there is one. */
  readonly bootstrapTokenFile: string | undefined
}

/** What somebody who has just started the server does next. The set-up link is the one secret that is ever printed. */
export function readyLines({ origin, setUpCode, bootstrapTokenFile }: Ready): string {
  const lines = [
    `Chatelaine is ready at ${origin}`,
    '',
    'People make and end their tokens in the console:',
    `  ${origin}/console/`,
  ]
  if (setUpCode !== undefined) {
    lines.push(
      '',
      'Make the first administrator. The link works once, for an hour:',
      `  ${origin}/setup#${setUpCode.reveal()}`,
    )
  }
  if (bootstrapTokenFile !== undefined) {
    lines.push('', 'Verify the first token:', ...bootstrapVerification(origin, bootstrapTokenFile))
  } else {
    lines.push('', ...passwordVerification(origin))
  }
  return `\n${lines.join('\n')}\n\n`
}

function bootstrapVerification(origin: string, file: string): string[] {
  return [
    `  token=$(cat ${inShell(file)})`,
    `  curl ${origin}/api/v1/tokens/verify --oauth2-bearer "$token" --json '{"token":"'$token'","kinds":["manager"]}'`,
  ]
}

/** A word that a shell takes as it stands (POSIX.1-2024, Shell Command Language, 2.2.2). */
function inShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function passwordVerification(origin: string): string[] {
  return [
    'Sign in, make a token, and verify it:',
    `  curl ${origin}/api/v1/session -c cookies --json '{"username":"NAME","password":"PASSWORD"}'`,
    `  curl ${origin}/api/v1/tokens -b cookies -H 'Origin: ${origin}' --json '{"label":"my first token"}'`,
    `  curl ${origin}/api/v1/tokens/verify --oauth2-bearer TOKEN --json '{"token":"TOKEN"}'`,
  ]
}
