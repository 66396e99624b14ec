import { printable } from './terminal.ts'

/** The command line asks for what makes no sense. Exit code 2. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

/** The command cannot do what it was asked. Exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly hint: string | undefined

  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
  }
}

export interface Complaint {
  readonly what: string
  readonly hint?: string | undefined
}

/** What to tell the person about whatever was caught. A defect is shown with where it happened. */
export function explain(error: unknown): readonly Complaint[] {
  if (!(error instanceof Error)) return [{ what: String(error) }]
  // By their names, because a command that needs neither the SDK nor the server should load neither.
  const { name, message } = error
  if (name === 'ChatelaineProblem') return [explainProblem(error as ProblemLike)]
  if (name === 'SettingsError') return (error as Error & { faults: readonly string[] }).faults.map((what) => ({ what }))
  if ('key' in error && error.key === 'several-found') return [{ what: message, hint: 'say which: --token-file FILE' }]
  if (explained.has(name)) return [{ what: message, hint: (error as Error & { hint?: string }).hint }]
  // The system's own refusals, such as EACCES, say what was tried and with which file.
  return [{ what: 'syscall' in error ? message : (error.stack ?? message) }]
}

/** The errors that were written for the person who reads them. */
const explained: ReadonlySet<string> = new Set([
  'Misuse',
  'CommandFailure',
  'CredentialError',
  'OperatorError',
  'StorageError',
  'Failure',
])

interface ProblemLike extends Error {
  readonly key: string
  readonly instance: string | undefined
  readonly faults: readonly { readonly pointer: string; readonly detail: string }[]
}

function explainProblem({ key, message, instance, faults }: ProblemLike): Complaint {
  const fields = faults.map(({ pointer, detail }) => `${pointer.replace(/^\//, '')}: ${detail}`)
  const what = printable(fields.length === 0 ? message : fields.join('; '))
  if (key === 'internal' && instance !== undefined) return { what, hint: `the log of the server has it as ${instance}` }
  return { what, hint: problemHints[key] }
}

/** Where there is something to do here that the server cannot know of. */
const problemHints: Readonly<Record<string, string>> = {
  'credential-rejected': 'run: chatelaine login, or set CHATELAINE_TOKEN to a token that lives',
  'credential-required': 'run: chatelaine login, or set CHATELAINE_TOKEN',
  'scope-missing': 'chatelaine whoami shows what your token may do',
  unavailable: 'check the URL (--url or CHATELAINE_URL), and that the server runs: chatelaine doctor',
  'unexpected-answer': 'check the URL: --url or CHATELAINE_URL',
}
