// How the values of settings are written. Each gives `undefined` for what cannot be used.

import { resolve } from 'node:path'
import { issuerLengthMax } from '@chatelaine/core'
import { Secret } from '@chatelaine/token'

/** Where the server is to be reached. */
export interface Listen {
  /** An address or a host name; IPv6 without brackets. */
  readonly host: string
  /** 0: one that is free. */
  readonly port: number
}

export function parseListen(text: string): Listen | undefined {
  const parts = /^(?:\[(?<six>[0-9A-Fa-f:.]+)\]|(?<host>[0-9A-Za-z.-]+)):(?<port>\d{1,5})$/.exec(text)?.groups
  const host = parts?.six ?? parts?.host
  const port = Number(parts?.port)
  return host === undefined || port > 65_535 ? undefined : { host, port }
}

/** An origin in its one spelling (RFC 6454 §6.2): scheme, host and port, nothing after it. */
export function parseOrigin(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined
  return url.href === `${url.origin}/` && !text.includes('?') && !text.includes('#') ? url.origin : undefined
}

/** As it is written: it has to be, to the letter, what the provider calls itself (OpenID Connect Discovery §4.3). */
export function parseIssuer(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || /[?#]/.test(text) || url.username !== '' || url.password !== '') return undefined
  const isHere = url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return (url.protocol === 'https:' || isHere) && text.length <= issuerLengthMax ? text : undefined
}

/** Secret, since a password may stand in it. Parameters are the driver's, such as `?sslmode=verify-full`. */
export function parseDatabaseUrl(text: string): Secret | undefined {
  const url = URL.parse(text)
  if (url === null || !['postgres:', 'postgresql:'].includes(url.protocol) || url.hostname === '') return undefined
  return /^\/[^/]+$/.test(url.pathname) && !text.includes('#') ? new Secret(text) : undefined
}

/** Secret, since a password may stand in it. */
export function parseRedisUrl(text: string): Secret | undefined {
  const url = URL.parse(text)
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') return undefined
  return /^(?:\/\d{0,4})?$/.test(url.pathname) && !/[?#]/.test(text) ? new Secret(text) : undefined
}

export function parsePath(text: string): string | undefined {
  return text === '' ? undefined : resolve(text)
}

/** A whole number from 1 on. */
export function parseCount(text: string, max: number): number | undefined {
  const count = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined
  return count === undefined || count > max ? undefined : count
}

export function parseBoolean(text: string): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined
}

export function parseList<T>(text: string, parseItem: (item: string) => T | undefined): readonly T[] | undefined {
  if (text === 'none') return []
  const items = text.split(',').map((item) => parseItem(item.trim()))
  return items.every((item) => item !== undefined) ? items : undefined
}

export function isPrintable(text: string, lengthMax: number): boolean {
  return text.trim() !== '' && Array.from(text).length <= lengthMax && !/\p{Cc}/u.test(text) && text.isWellFormed()
}
