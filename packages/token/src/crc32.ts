// The CRC-32 of ISO-HDLC, as in zip, PNG and gzip: polynomial 0x04C11DB7, reflected, all bits set before and inverted after.
const reflectedPolynomial = 0xedb88320

const remainderByByte = new Int32Array(256)
for (let byte = 0; byte < remainderByByte.length; byte++) {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? reflectedPolynomial : 0)
  remainderByByte[byte] = remainder
}

/** What a CRC-32 begins with, before the first byte. */
export const crc32Start = -1

/** The remainder after one more byte, which may be the code of an ASCII character. */
export function crc32Step(remainder: number, byte: number): number {
  return (remainder >>> 8) ^ remainderByByte[(remainder ^ byte) & 0xff]!
}

/** The CRC-32 when all bytes are in: 0 to 2^32 - 1. */
export function crc32End(remainder: number): number {
  return ~remainder >>> 0
}

/** The CRC-32 of ASCII text. */
export function crc32(text: string): number {
  let remainder = crc32Start
  for (let i = 0; i < text.length; i++) remainder = crc32Step(remainder, text.charCodeAt(i))
  return crc32End(remainder)
}
