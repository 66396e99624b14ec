import { Failure } from '@chatelaine/core'
import { StorageError } from '@chatelaine/storage/sqlite'
import { SettingsError } from './config.ts'
import { OperatorError } from './operator-error.ts'

/** Tells the operator on standard error why this program cannot go on. A defect is shown with where it happened. */
export function complain(error: unknown): void {
  for (const { what, hint } of complaintsOf(error)) {
    process.stderr.write(`chatelaine: error: ${what}\n`)
    if (hint !== undefined) process.stderr.write(`chatelaine: hint: ${hint}\n`)
  }
}

interface Complaint {
  readonly what: string
  readonly hint?: string | undefined
}

function complaintsOf(error: unknown): Complaint[] {
  if (error instanceof SettingsError) return error.faults.map((what) => ({ what }))
  if (error instanceof OperatorError) return [{ what: error.message, hint: error.hint }]
  if (error instanceof StorageError || error instanceof Failure) return [{ what: error.message }]
  if (!(error instanceof Error)) return [{ what: String(error) }]
  // The system's own refusals, such as EACCES, say what was tried and with which file.
  return [{ what: 'syscall' in error ? error.message : (error.stack ?? error.message) }]
}
