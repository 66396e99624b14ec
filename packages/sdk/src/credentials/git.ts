import { execFile } from 'node:child_process'
import { basename, dirname } from 'node:path'
import { CredentialError } from './credential-error.ts'
import { tokenFileEnding } from './token-file.ts'

/** How long git may take before the check is left out. */
const gitDeadlineMs = 5_000

/**
 * Whether git could carry a token file away. Outside of a repository, and where there is no git, nothing is to be said.
 * @returns what to warn of, when git neither tracks nor ignores the file.
 * @throws CredentialError when git tracks it: whoever has the repository has the token.
 */
export async function checkGit(file: string): Promise<string | undefined> {
  if ((await git(file, 'ls-files', '--error-unmatch', '--')) === 0) {
    throw new CredentialError(
      'tracked-by-git',
      `The file ${file} is tracked by git, so everybody who has the repository has the token.`,
      `Run: git rm --cached '${file}', add the line ${ignoreLine(file)} to .gitignore, and revoke the token: history keeps it.`,
    )
  }
  // 0: ignored; 1: not ignored; anything else: no repository, or no git.
  if ((await git(file, 'check-ignore', '--quiet', '--')) !== 1) return undefined
  return `The file ${file} is in a git repository that does not ignore it. Add the line ${ignoreLine(file)} to .gitignore.`
}

/** The line of `.gitignore` that keeps such a file out of the repository. */
export function ignoreLine(file: string): string {
  return file.endsWith(tokenFileEnding) ? `*${tokenFileEnding}` : basename(file)
}

function git(file: string, ...command: readonly string[]): Promise<number | undefined> {
  // What a repository has configured for such an occasion is not run: somebody else may have written it.
  const given = ['-c', 'core.fsmonitor=false', ...command, basename(file)]
  return new Promise((resolve) => {
    const child = execFile('git', given, { cwd: dirname(file), timeout: gitDeadlineMs, windowsHide: true }, () =>
      resolve(child.exitCode ?? undefined),
    )
  })
}
