/** Why there is no token to use. */
export type CredentialErrorKey =
  | 'none-found'
  | 'several-found'
  | 'unreadable'
  | 'readable-by-others'
  | 'tracked-by-git'
  | 'not-a-token'
  | 'not-renewable'

/**
 * A token could not be loaded or kept. The message says why in one sentence, `hint` what to do about it. Neither holds a
 * secret.
 */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
  readonly key: CredentialErrorKey
  readonly hint: string

  constructor(key: CredentialErrorKey, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.key = key
    this.hint = hint
  }
}
