/**
 * Gives that many bytes which nobody can guess: `randomBytes` of `node:crypto`, or
 * `(byteCount) => crypto.getRandomValues(new Uint8Array(byteCount))` in a browser. Tests pass a repeatable one.
 */
export type Random = (byteCount: number) => Uint8Array

/** The 62 digits by value, in the order of their character codes, so that equally long numbers sort like their text. */
export const base62Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** What `base62Value` says of a character that is no digit. */
export const notBase62 = -1

const valueByCode = new Int8Array(128).fill(notBase62)
for (let value = 0; value < base62Digits.length; value++) valueByCode[base62Digits.charCodeAt(value)] = value

/** The value of one digit by its character code, 0 to 61, or `notBase62`. */
export function base62Value(code: number): number {
  // Beyond its end, where no ASCII is left, the table gives undefined.
  return valueByCode[code] ?? notBase62
}

/** A whole number as base62, most significant digit first, padded with `0` to the length. The number must fit. */
export function formatBase62(value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / base62Digits.length)) {
    text = base62Digits.charAt(rest % base62Digits.length) + text
  }
  return text
}

// 248 is the largest multiple of 62 in a byte. Larger bytes are thrown away, or the first digits would come up more often.
const acceptedBytes = 256 - (256 % base62Digits.length)

// One byte in 32 is thrown away, so a second draw is rare and a hundredth is a source that is broken.
const drawsMax = 100

/**
 * Random base62 text in which every digit is equally likely, 5.95 bits each.
 *
 * @throws Error when the source is broken, that is gives too few bytes or hardly anything but the same large ones.
 */
export function randomBase62(length: number, random: Random): string {
  let text = ''
  for (let draw = 0; draw < drawsMax; draw++) {
    for (const byte of random(length - text.length)) {
      if (byte < acceptedBytes) text += base62Digits.charAt(byte % base62Digits.length)
    }
    if (text.length >= length) return text.slice(0, length)
  }
  throw new Error(`The source of randomness gave too few usable bytes in ${drawsMax} draws.`)
}
