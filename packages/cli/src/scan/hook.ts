import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandFailure } from '../failure.ts'
import { git } from './git-objects.ts'

const mark = '# Set by `chatelaine scan --install-hook`.'

/**
 * Has git look through every commit before it is made.
 * @param command the program and the file that this process was started with.
 * @returns the file of the hook.
 * @throws CommandFailure when there is another hook.
 */
export async function installHook(command: readonly [program: string, file: string]): Promise<string> {
  const hook = (await git('rev-parse', '--git-path', 'hooks/pre-commit')).trim()
  const line = `${command.map(quoted).join(' ')} scan --staged --offline`
  const present = await readFile(hook, 'utf8').catch(() => undefined)
  if (present !== undefined && !present.includes(mark)) {
    throw new CommandFailure(`there is another hook already: ${hook}`, `add this line to it: ${line} || exit 1`)
  }
  await mkdir(dirname(hook), { recursive: true })
  await writeFile(hook, `#!/bin/sh\n${mark}\nexec ${line}\n`)
  await chmod(hook, 0o755)
  return hook
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
