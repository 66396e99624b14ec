import { execFile } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { CredentialError } from './credential-error.ts'
import { tokenFileEnding } from './token-file.ts'

/** How long git may take before the check is left out. */
const gitDeadlineMs = 5_000

/**
 * Whether git could carry a token file away; of a link, what it leads to. Outside of a repository, and where there is no
 * git, nothing is to be said.
 * @returns what to warn of, when git neither tracks nor ignores the file, or does not say.
 * @throws CredentialError when git tracks it: whoever has the repository has the token.
 */
export async function checkGit(named: string): Promise<string | undefined> {
  const file = await realpath(named).catch(() => named)
  const tracked = await git(file, 'ls-files', '--error-unmatch', '--')
  const trust = /git config --global --add safe\.directory .+/.exec(tracked.complaint)?.[0]
  if (trust !== undefined) {
    return `Whether git tracks the file ${file} is not known, since its repository belongs to somebody else. If you trust them, run: ${trust}`
  }
  if (tracked.exitCode === 0) {
    throw new CredentialError(
      'tracked-by-git',
      `The file ${file} is tracked by git, so everybody who has the repository has the token.`,
      `Run: git rm --cached '${file}', add the line ${ignoreLine(file)} to .gitignore, and revoke the token: history keeps it.`,
    )
  }
  // 0: ignored; 1: not ignored; anything else: no repository, or no git.
  if ((await git(file, 'check-ignore', '--quiet', '--')).exitCode !== 1) return undefined
  return `The file ${file} is in a git repository that does not ignore it. Add the line ${ignoreLine(file)} to .gitignore.`
}

/** The line of `.gitignore` that keeps such a file out of the repository. */
export function ignoreLine(file: string): string {
  return file.endsWith(tokenFileEnding) ? `*${tokenFileEnding}` : basename(file)
}

interface GitAnswer {
  readonly exitCode: number | undefined
  readonly complaint: string
}

function git(file: string, ...command: readonly string[]): Promise<GitAnswer> {
  // What a repository has configured for such an occasion is not run: somebody else may have written it.
  const given = ['-c', 'core.fsmonitor=false', ...command, basename(file)]
  const options = { cwd: dirname(file), env: plainEnvironment(), timeout: gitDeadlineMs, windowsHide: true }
  return new Promise((resolve) => {
    const child = execFile('git', given, options, (_error, _output, complaint) =>
      resolve({ exitCode: child.exitCode ?? undefined, complaint }),
    )
  })
}

/** Within a hook git names its own repository to all that it runs, and the file may be in another. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}
