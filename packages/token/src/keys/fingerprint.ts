import { hash } from 'node:crypto'

import type { Random } from '../base62.ts'

/**
 * The name under which this process's memory remembers a token: SHA-256 of a key that only this process has and the
 * token, so that whoever reads a dump of the names learns nothing, and nobody can choose tokens whose names collide.
 * About 0.4 µs. A name has 32 characters, one for each byte, which is the smallest key of a `Map`; it is not for people.
 *
 * @param random asked once, for the key
 * @returns a function of tokens that `isWellFormed` accepts
 */
export function processFingerprint(random: Random): (token: string) => string {
  // As text, so that the hash takes one string. In base64url key and token fill two blocks of SHA-256; in hex, three.
  const processKey = Buffer.from(random(processKeyBytes)).toString('base64url')
  return (token) => hash('sha256', processKey + token, 'binary')
}

const processKeyBytes = 32
