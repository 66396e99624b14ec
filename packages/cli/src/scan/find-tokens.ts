// Where tokens stand in bytes, whatever stands around them. The checksum decides, so that nothing is taken for a token
// that is none.

import {
  checksumLength,
  idLength,
  kindLength,
  parseToken,
  prefixLengthMax,
  prefixLengthMin,
  Secret,
  secretLength,
  tokenKinds,
  tokenLengthMax,
  tokenLengthMin,
} from '@chatelaine/token'

/** A token that was found, and where. */
export interface FoundToken {
  readonly token: Secret
  readonly id: string
  readonly start: string
  readonly prefix: string
  /** Where it, or what it is encoded in, begins among the bytes. */
  readonly offset: number
  /** Where it, or what it is encoded in, ends. */
  readonly end: number
}

/** How much of the bytes before has to be there again when a text is looked through in pieces. */
export const overlapBytes = 512

/** How the characters of a text are bytes; `binary` is no text. */
export type Encoding = 'ascii' | 'utf16' | 'binary'

/**
 * What these bytes are, by the first of them: a zero among them is of no text, unless it is UTF-16. That is how git tells.
 * UTF-8 and the encodings of single bytes are as good as ASCII here.
 */
export function encodingOf(bytes: Buffer): Encoding {
  if (isUtf16(bytes)) return 'utf16'
  return bytes.subarray(0, telltaleBytes).includes(0) ? 'binary' : 'ascii'
}

const telltaleBytes = 8_000

/**
 * The tokens in these bytes, plain or inside base64. A token that is broken over two lines is not found.
 *
 * It costs a look at one byte in sixty and at the words that these lie in: a token is a run of characters at least that
 * long, so that no run can lie between two looks.
 */
export function findTokens(bytes: Buffer, encoding: Encoding): FoundToken[] {
  return [
    ...(encoding === 'utf16' ? [] : findInBytes(bytes)),
    // Programs may hold text of either sort.
    ...(encoding === 'ascii' ? [] : findInUtf16(bytes)),
  ]
}

/** Words of a plain token, of base64 and of base64 for URLs. */
const isWord = new Uint8Array(256)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/') {
  isWord[character.charCodeAt(0)] = 1
}

function findInBytes(bytes: Buffer): FoundToken[] {
  const { length } = bytes
  const found: FoundToken[] = []
  let at = tokenLengthMin - 1
  while (at < length) {
    if (isWord[bytes[at]!] === 0) {
      at += tokenLengthMin
      continue
    }
    let start = at
    while (start > 0 && isWord[bytes[start - 1]!] === 1) start--
    let end = at + 1
    while (end < length && isWord[bytes[end]!] === 1) end++
    if (end - start >= tokenLengthMin) findInRun(bytes, start, end, found)
    at = end + tokenLengthMin
  }
  return found
}

function findInRun(bytes: Buffer, start: number, end: number, found: FoundToken[]): void {
  const run = bytes.toString('latin1', start, end)
  findPlain(run, (parsed, offset, length) => {
    found.push({ ...parsed, offset: start + offset, end: start + offset + length })
  })
  if (run.length < encodedLengthMin) return
  for (const { text, shift } of encodedMarks) {
    for (let mark = run.indexOf(text, shift); mark !== -1; mark = run.indexOf(text, mark + 1)) {
      // Groups of four characters begin here, and every four before.
      const group = mark - shift
      const from = Math.max(group % 4, group - encodedLead)
      const decoded = Buffer.from(run.slice(from, group + encodedRest), 'base64').toString('latin1')
      findPlain(decoded, (parsed, offset, length) => {
        const first = start + from + Math.floor((offset * 8) / 6)
        found.push({ ...parsed, offset: first, end: start + from + Math.ceil(((offset + length) * 8) / 6) })
      })
    }
  }
}

type Parsed = Omit<FoundToken, 'offset' | 'end'>

/** What follows the underscore before the kind: the kind, the next underscore, and three parts of digits. */
const afterPrefixLength = 1 + kindLength + 1 + idLength + secretLength + checksumLength

function findPlain(run: string, report: (parsed: Parsed, offset: number, length: number) => void): void {
  for (const kind of Object.values(tokenKinds)) {
    const mark = `_${kind}_`
    for (let at = run.indexOf(mark, prefixLengthMin); at !== -1; at = run.indexOf(mark, at + 1)) {
      const end = at + afterPrefixLength
      if (end > run.length) break
      // What stands before may be a part of the text: `\nchl_acc_…` as it is written in a program.
      for (let length = prefixLengthMin; length <= Math.min(prefixLengthMax, at); length++) {
        const text = run.slice(at - length, end)
        const parsed = parseToken(text)
        if (parsed === undefined) continue
        report(
          { token: new Secret(text), id: parsed.id, start: parsed.start, prefix: parsed.prefix },
          at - length,
          text.length,
        )
        break
      }
    }
  }
}

// Base64 writes three bytes as four characters. What five bytes such as `_acc_` become depends on how many bytes stand
// before them, modulo three, and on their neighbours at either end; the six characters between are always the same.

interface EncodedMark {
  readonly text: string
  /** Where in its group of four characters the mark begins. */
  readonly shift: number
}

const encodedMarks: readonly EncodedMark[] = Object.values(tokenKinds).flatMap((kind) =>
  [0, 1, 2].map((before) => {
    const text = Buffer.from(`${'\0'.repeat(before)}_${kind}_`).toString('base64')
    const shift = Math.ceil((before * 8) / 6)
    return { text: text.slice(shift, shift + 6), shift }
  }),
)

const encodedLengthMin = Math.ceil((tokenLengthMin * 8) / 6)
/** How many characters before the mark can belong to the longest prefix, in whole groups. */
const encodedLead = Math.ceil((prefixLengthMax + 2) / 3) * 4
/** How many characters from the group of the mark on belong to the longest rest of a token. */
const encodedRest = Math.ceil((tokenLengthMax + 3) / 3) * 4

/** A byte-order mark, or every other byte a zero at the beginning. */
function isUtf16(bytes: Buffer): boolean {
  if (bytes.length < 4) return false
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  const zeros = [0, 1, 2, 3].map((at) => bytes[at] === 0)
  return zeros[0] !== zeros[1] && zeros[0] === zeros[2] && zeros[1] === zeros[3]
}

/** A token in UTF-16 is its characters with zeros between. Either half of the bytes may be the one that holds them. */
function findInUtf16(bytes: Buffer): FoundToken[] {
  return [0, 1].flatMap((half) => {
    const characters = Buffer.alloc(Math.ceil((bytes.length - half) / 2))
    for (let at = 0; at < characters.length; at++) characters[at] = bytes[2 * at + half]!
    return findInBytes(characters).map((found) => ({
      ...found,
      offset: 2 * found.offset + half,
      end: 2 * found.end + half,
    }))
  })
}
