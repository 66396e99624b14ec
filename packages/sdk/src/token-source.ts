import { Secret } from '@chatelaine/token'

/**
 * Where a token comes from: the token itself, or whatever gives the one that is good now, such as `autoRenew`. It is
 * asked before each request.
 */
export type TokenSource = string | Secret | (() => Secret | Promise<Secret>)

export async function readTokenSource(source: TokenSource): Promise<Secret> {
  if (typeof source === 'string') return new Secret(source)
  return source instanceof Secret ? source : source()
}
