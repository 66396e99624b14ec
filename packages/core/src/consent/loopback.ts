export const redirectUriLengthMax = 256

const pattern = /^http:\/\/(?:127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})\/[A-Za-z0-9._~/-]*$/
const portMax = 65_535

/**
 * Whether a redirect leads to a program on the person's own computer (RFC 8252 §7.3), spelled in the one way that
 * nothing between here and there can read otherwise: `http`, the literal `127.0.0.1` or `[::1]`, a port, and a path of
 * letters, digits and `._~/-`. Names are refused, `localhost` too, since somebody else may answer for a name (§8.3).
 *
 * @example
 * isLoopbackRedirect('http://127.0.0.1:53682/callback') // → true
 * isLoopbackRedirect('http://localhost:53682/callback') // → false
 */
export function isLoopbackRedirect(uri: string): boolean {
  const port = uri.length > redirectUriLengthMax ? undefined : pattern.exec(uri)?.[1]
  return port !== undefined && Number(port) <= portMax
}
