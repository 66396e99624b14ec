import { bodyDepthMax, read, type Json, type Output, type Schema } from '@chatelaine/api'
import { HttpProblem, invalidRequest } from './problem.ts'

/**
 * Reads a body that must be JSON: from bytes to what its schema describes.
 * @throws `unsupported-media-type`, `malformed-json`, `invalid-request` naming every field that is wrong.
 */
export function parseJsonBody<S extends Schema>(
  contentType: string | undefined,
  bytes: Uint8Array,
  schema: S,
): Output<S> {
  requireJson(contentType)
  return readJson(parseStrictJson(bytes), schema)
}

/** @throws `invalid-request`. */
export function readJson<S extends Schema>(json: Json, schema: S): Output<S> {
  const reading = read(schema, json)
  if (reading.ok) return reading.value
  throw invalidRequest(reading.faults)
}

/** JSON has no other encoding than UTF-8 (RFC 8259 §8.1), so a charset may say only that. */
export function requireJson(contentType: string | undefined): void {
  if (contentType === 'application/json' || jsonType.test(contentType ?? '')) return
  throw new HttpProblem('unsupported-media-type', 'Send the body with "Content-Type: application/json".')
}

const jsonType = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i

/**
 * JSON (RFC 8259) with what the RFC leaves open decided: UTF-8 without a fault, no key twice in an object, no half of a
 * surrogate pair, at most `bodyDepthMax` levels, and no key that reaches for the prototype of an object.
 * @throws `malformed-json` saying where and what; it never repeats what stands there, which may be a secret.
 */
export function parseStrictJson(bytes: Uint8Array): Json {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch {
    throw new HttpProblem('malformed-json', 'The body is not UTF-8. Encode it as UTF-8.')
  }
  if (text.trim() === '') throw new HttpProblem('malformed-json', 'The body is empty. Send a JSON object.')
  return new Parser(text).parse()
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

type Members = { [key: string]: Json }

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  parse(): Json {
    const value = this.#value(1)
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#fault('something follows the end of the value')
    return value
  }

  #value(depth: number): Json {
    this.#skipSpace()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return this.#string()
      default:
        return this.#literal()
    }
  }

  #object(depth: number): Json {
    this.#descend(depth)
    const members: Members = {}
    if (this.#take('}')) return members
    do {
      this.#skipSpace()
      const keyAt = this.#at
      if (this.#text[keyAt] !== '"') throw this.#fault('expected a key in double quotes')
      const key = this.#string()
      if (Object.hasOwn(members, key)) throw this.#fault('this key stands in the object a second time', keyAt)
      this.#expect(':')
      const value = this.#value(depth + 1)
      if (isTreacherous(key, value)) throw this.#fault('this key is not allowed', keyAt)
      members[key] = value
    } while (this.#take(','))
    this.#expect('}')
    return members
  }

  #array(depth: number): Json {
    this.#descend(depth)
    const items: Json[] = []
    if (this.#take(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#take(','))
    this.#expect(']')
    return items
  }

  #descend(depth: number): void {
    if (depth > bodyDepthMax) throw this.#fault(`nested deeper than ${bodyDepthMax} levels`)
    this.#at += 1
  }

  #string(): string {
    const from = this.#at
    let code: number
    do {
      this.#at += 1
      code = this.#text.charCodeAt(this.#at)
      if (Number.isNaN(code)) throw this.#fault('this text has no closing quote', from)
      if (code < 0x20) throw this.#fault('a control character must be written as an escape such as \\n')
      if (code === backslash) this.#at += 1
    } while (code !== quote)
    this.#at += 1
    const value = this.#native(from) as string
    if (!value.isWellFormed()) throw this.#fault('this text holds half of a surrogate pair', from)
    return value
  }

  #literal(): Json {
    const from = this.#at
    literal.lastIndex = from
    this.#at += literal.exec(this.#text)?.[0].length ?? 0
    if (this.#at === from) throw this.#fault('expected a value')
    const value = this.#native(from) as Json
    if (value === Infinity || value === -Infinity) throw this.#fault('this number is too large', from)
    return value
  }

  /** What has just been passed over, as JSON's own parser reads it: it knows numbers, escapes and the three words. */
  #native(from: number): unknown {
    try {
      return JSON.parse(this.#text.slice(from, this.#at))
    } catch {
      throw this.#fault('this is neither a number, a text, true, false nor null', from)
    }
  }

  #take(sign: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== sign) return false
    this.#at += 1
    return true
  }

  #expect(sign: string): void {
    if (!this.#take(sign)) throw this.#fault(`expected "${sign}"`)
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1
  }

  #fault(what: string, at = this.#at): HttpProblem {
    const before = this.#text.slice(0, at).split('\n')
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`
    return new HttpProblem('malformed-json', `The body is not acceptable JSON: at ${place}, ${what}.`)
  }
}

const quote = 0x22
const backslash = 0x5c
const literal = /[-+.\w]+/y

/** RFC 8259 §2. */
function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** Keys that whoever copies an object carelessly would follow to what all objects share. */
function isTreacherous(key: string, value: Json): boolean {
  if (key === '__proto__') return true
  return key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
