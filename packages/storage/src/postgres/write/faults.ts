import type { Faults } from '../../sql/write/transaction.ts'
import { ConnectionLost, DatabaseError } from '../fault.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const damageCodes = ['XX001', 'XX002']

/** Somebody else held what was needed, or took it in another order. */
const busyCodes = ['40001', '40P01', '55P03']

/** Of connections, resources, the operator's and the system's doing, and of statements that took too long. */
const outageClasses = ['08', '53', '57', '58']

/** Its session waited too long for its own program; a server that takes no writes. */
const outageCodes = ['25P03', '25006']

export const postgresFaults: Faults = {
  endsTransaction: (error) => error instanceof ConnectionLost || isBusy(error) || isOutage(error),
  isDamage: (error) => damageCodes.includes(codeOf(error)),
}

/** Whether the same may well succeed in a second, while others are served meanwhile. */
export function isBusy(error: unknown): boolean {
  return busyCodes.includes(codeOf(error))
}

function isOutage(error: unknown): boolean {
  const code = codeOf(error)
  return outageCodes.includes(code) || outageClasses.includes(code.slice(0, 2))
}

function codeOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.code ?? '') : ''
}
