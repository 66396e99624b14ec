/**
 * The server cannot start, or a command of the operator cannot do what it was asked. The message is for that person:
 * what is wrong, in one sentence, and what to do about it, as a hint.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError'
  readonly hint: string | undefined

  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.hint = hint
  }
}
