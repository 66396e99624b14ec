/**
 * The bytes of strict base64 (RFC 4648 §4), or `undefined`. Buffer passes over whatever is none and reads up to the first
 * `=`; only what comes back the same was meant so, and each value has one spelling.
 */
export function parseBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
