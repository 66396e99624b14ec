import { createHash, hkdfSync } from 'node:crypto'

import type { Random } from '../base62.ts'
import { Secret } from '../secret.ts'
import { parseBase64 } from './base64.ts'
import type { KeyPurpose } from './purposes.ts'

/** Bytes of a master key, and of every key derived from one. */
export const masterKeyBytes = 32

/** How many master keys a ring holds: the current one, and former ones that digests still name. */
export const keysPerRingMax = 16

/** Matches a whole key id. No colon, because a colon ends the key id in front of digests and MACs. */
export const keyIdPattern = /^[A-Za-z0-9_-]{1,32}$/

/** The text is no key ring, or the ring would not be one afterwards. The message is for the operator and holds no key. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
}

/**
 * The master keys of a deployment: the current one, under which everything new is made, and former ones, under which
 * older digests and MACs still match. Rings do not change; adding and removing give a new one.
 *
 * A master key leaves its ring in one way only, `toText`. What works with keys asks for derived ones.
 */
export class KeyRing {
  /** By id, the current one first. Never empty. */
  readonly #masterKeys: ReadonlyMap<string, Uint8Array>

  private constructor(masterKeys: ReadonlyMap<string, Uint8Array>) {
    this.#masterKeys = masterKeys
  }

  /**
   * Reads a key ring: `<key id> <base64 of 32 bytes>` a line, the first is current; or, alone, the base64 of 32 bytes
   * without an id, which then follows from the key. Blank lines and lines that begin with `#` are passed over.
   *
   * @throws KeyRingError that names the line and what was expected there
   */
  static parse(text: string): KeyRing {
    const lines = text
      .split('\n')
      .map((line, index) => ({ number: index + 1, fields: line.trim().split(/\s+/) }))
      .filter(({ fields: [first = ''] }) => first !== '' && !first.startsWith('#'))
    const [firstLine, ...otherLines] = lines
    if (firstLine === undefined) {
      throw new KeyRingError('The key ring is empty: expected a line with <key id> <base64 of 32 bytes>.')
    }
    if (otherLines.length === 0 && firstLine.fields.length === 1) {
      const masterKey = parseMasterKey(firstLine.fields[0]!, firstLine.number)
      return new KeyRing(new Map([[keyIdOf(masterKey), masterKey]]))
    }
    if (lines.length > keysPerRingMax) {
      throw new KeyRingError(`The key ring has ${lines.length} keys: expected at most ${keysPerRingMax}.`)
    }
    const masterKeys = new Map<string, Uint8Array>()
    // By key id and by key: the one has at most 32 characters and the other 44, so they cannot be mistaken.
    const lineByKey = new Map<string, number>()
    for (const { number, fields } of lines) {
      const [keyId = '', base64 = ''] = fields
      if (fields.length !== 2) {
        throw new KeyRingError(`Line ${number} of the key ring: expected <key id> <base64 of 32 bytes>.`)
      }
      if (!keyIdPattern.test(keyId)) {
        throw new KeyRingError(
          `Line ${number} of the key ring: expected a key id of at most 32 letters, digits, "-" and "_" before the key.`,
        )
      }
      const masterKey = parseMasterKey(base64, number)
      const earlier = lineByKey.get(keyId) ?? lineByKey.get(formatMasterKey(masterKey))
      if (earlier !== undefined) {
        throw new KeyRingError(`Line ${number} of the key ring repeats the key id or the key of line ${earlier}.`)
      }
      lineByKey.set(keyId, number).set(formatMasterKey(masterKey), number)
      masterKeys.set(keyId, masterKey)
    }
    return new KeyRing(masterKeys)
  }

  /** A ring with one new master key. */
  static generate(random: Random): KeyRing {
    const masterKey = drawMasterKey(random)
    return new KeyRing(new Map([[keyIdOf(masterKey), masterKey]]))
  }

  /** Which master key everything new is made under. */
  get currentId(): string {
    return this.ids[0]!
  }

  /** Every key id, the current one first. */
  get ids(): string[] {
    return [...this.#masterKeys.keys()]
  }

  /**
   * A ring in which a new master key is current and all of this one's are former.
   *
   * @throws KeyRingError when the ring is full
   */
  withNewCurrent(random: Random): KeyRing {
    if (this.#masterKeys.size >= keysPerRingMax) {
      throw new KeyRingError(`The key ring already has its ${keysPerRingMax} keys: retire one that nothing depends on.`)
    }
    const masterKey = drawMasterKey(random)
    const keyId = keyIdOf(masterKey)
    if (this.#masterKeys.has(keyId)) {
      throw new KeyRingError(`The new key would have the id ${keyId}, which is already in the key ring: try again.`)
    }
    return new KeyRing(new Map([[keyId, masterKey], ...this.#masterKeys]))
  }

  /**
   * A ring without this former master key. Whatever names it matches no more.
   *
   * @throws KeyRingError when the ring has no such key, or it is the current one
   */
  without(keyId: string): KeyRing {
    if (!this.#masterKeys.has(keyId)) {
      throw new KeyRingError(`The key ring has no key with the id ${keyId}: it has ${this.ids.join(', ')}.`)
    }
    if (keyId === this.currentId) {
      throw new KeyRingError(`The key ${keyId} is the current one: add a new current key before you retire it.`)
    }
    return new KeyRing(new Map([...this.#masterKeys].filter(([id]) => id !== keyId)))
  }

  /** The ring as `parse` reads it, for the key file and for nothing else. */
  toText(): Secret {
    const lines = [...this.#masterKeys].map(([keyId, masterKey]) => `${keyId} ${formatMasterKey(masterKey)}\n`)
    return new Secret(lines.join(''))
  }

  /**
   * The key of one purpose under one master key: HKDF-SHA-256 (RFC 5869) with an empty salt and the information
   * `chatelaine/v1/<purpose>`, 32 bytes.
   *
   * @throws RangeError when the ring has no such master key
   */
  derive(keyId: string, purpose: KeyPurpose): Uint8Array {
    const masterKey = this.#masterKeys.get(keyId)
    if (masterKey === undefined) throw new RangeError(`No key ${keyId} in the key ring.`)
    return new Uint8Array(hkdfSync('sha256', masterKey, '', `chatelaine/v1/${purpose}`, masterKeyBytes))
  }
}

/** The id of a key that was given none: the beginning of its SHA-256, the same every time it is read. */
function keyIdOf(masterKey: Uint8Array): string {
  return createHash('sha256').update(masterKey).digest('hex').slice(0, 8)
}

function drawMasterKey(random: Random): Uint8Array {
  const masterKey = random(masterKeyBytes)
  if (masterKey.length !== masterKeyBytes) throw new Error('The source of randomness gave too few bytes for a key.')
  return Uint8Array.from(masterKey)
}

function parseMasterKey(base64: string, lineNumber: number): Uint8Array {
  const masterKey = parseBase64(base64)
  if (masterKey?.length !== masterKeyBytes) {
    throw new KeyRingError(
      `Line ${lineNumber} of the key ring: expected the base64 of 32 bytes, 44 characters that end in "=".`,
    )
  }
  return masterKey
}

function formatMasterKey(masterKey: Uint8Array): string {
  return Buffer.from(masterKey).toString('base64')
}
