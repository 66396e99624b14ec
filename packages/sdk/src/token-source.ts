import { Secret } from '@chatelaine/token'

/**
 * Where a token comes from: the token itself, or whatever gives the one that is good now, such as `autoRenew`. It is
 * asked before each request.
 */
export type TokenSource = string | Secret | RenewedTokenSource

/** Gives the token that is good now. */
export interface RenewedTokenSource {
  (): Secret | Promise<Secret>
  /** Asked once when what it gave was refused: somebody else may have renewed the token meanwhile. */
  readonly again?: (() => Secret | Promise<Secret>) | undefined
}

export async function readTokenSource(source: TokenSource): Promise<Secret> {
  if (typeof source === 'string') return new Secret(source)
  return source instanceof Secret ? source : source()
}

/** What a source gives after its token was refused; `undefined` when that is the same, or it can give no other. */
export async function readTokenAgain(source: TokenSource | undefined, refused: Secret): Promise<Secret | undefined> {
  if (typeof source !== 'function' || source.again === undefined) return undefined
  const other = await source.again()
  return other.equals(refused) ? undefined : other
}
