/** The result codes that are told apart here; the low byte of an extended code. https://sqlite.org/rescode.html */
const resultCodes = { busy: 5, locked: 6, noMemory: 7, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cantOpen: 14 }
const notADatabase = 26

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === resultCodes.busy || code === resultCodes.locked
}

/** Whether the file is not a sound database. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error)
  return code === resultCodes.corrupt || code === notADatabase
}

/** Whether the disk, the memory or the file system failed, and not the statement: nothing more can be written for now. */
export function isOutage(error: unknown): boolean {
  const code = resultCode(error)
  const { busy, locked, noMemory, readOnly, ioError, full, cantOpen } = resultCodes
  return code !== undefined && [busy, locked, noMemory, readOnly, ioError, full, cantOpen].includes(code)
}

/** Whether SQLite itself said no, for whatever reason. */
export function isSqliteError(error: unknown): boolean {
  return resultCode(error) !== undefined
}
