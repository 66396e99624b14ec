/** The ways in which a secret could lie around, some of them not to be seen at a glance. */
export const encodings = ['raw', 'JSON', 'hex', 'HEX', 'base64', 'base64url', 'URL'] as const
export type Encoding = (typeof encodings)[number]

/**
 * What to look for in order to find a secret in one encoding, whatever it stands in. In base64 it looks different at
 * each of the three places where it can begin, and its first and last character may be shared with its neighbours.
 */
export function tracesOf(secret: Buffer, encoding: Encoding): Buffer[] {
  switch (encoding) {
    case 'raw':
      return [secret]
    case 'JSON':
      return [Buffer.from(JSON.stringify(secret.toString()).slice(1, -1))]
    case 'hex':
      return [Buffer.from(secret.toString('hex'))]
    case 'HEX':
      return [Buffer.from(secret.toString('hex').toUpperCase())]
    case 'base64':
    case 'base64url':
      return [0, 1, 2].map((lead) => insideOfBase64(secret, lead, encoding))
    case 'URL':
      return [
        Buffer.from(encodeURIComponent(secret.toString())),
        Buffer.from([...secret].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')),
      ]
  }
}

/** The characters that follow from these bytes alone, when so many others stand before them and any after them. */
function insideOfBase64(bytes: Buffer, lead: number, encoding: 'base64' | 'base64url'): Buffer {
  const encoded = Buffer.concat([Buffer.alloc(lead), bytes]).toString(encoding)
  return Buffer.from(encoded.slice(Math.ceil((lead * 8) / 6), Math.floor(((lead + bytes.length) * 8) / 6)))
}
