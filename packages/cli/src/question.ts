import { CommandFailure, Misuse } from './failure.ts'
import type { Terminal } from './terminal.ts'

/**
 * Asks a person before what cannot be undone.
 * @param yes whether the command line said so already.
 * @throws Misuse where nobody can be asked, CommandFailure when the person does not want it.
 */
export async function requireYes(question: string, yes: boolean, terminal: Terminal): Promise<void> {
  if (yes) return
  if (!terminal.canAsk) throw new Misuse(`nobody is here to ask: ${question}`, 'add --yes if it is what you want')
  const { confirm, isCancel } = await import('@clack/prompts')
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr })
  if (isCancel(answer) || !answer) throw new CommandFailure('nothing was done')
}
