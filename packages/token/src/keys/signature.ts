// Ed25519 (RFC 8032). Node takes raw keys only inside their DER wrapping, which for Ed25519 is a constant (RFC 8410).

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

import { parseBase64 } from './base64.ts'

const privateKeyLead = Buffer.from('302e020100300506032b657004220420', 'hex')
const publicKeyLead = Buffer.from('302a300506032b6570032100', 'hex')

const rawPublicKeyLength = 32

/** The private key that grows from 32 secret bytes. */
export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privateKeyLead, seed]), format: 'der', type: 'pkcs8' })
}

/** The public half, base64 of its raw 32 bytes. */
export function publicKeyOf(privateKey: KeyObject): string {
  const wrapped = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return wrapped.subarray(publicKeyLead.length).toString('base64')
}

/** The signature as base64. */
export function signBytes(privateKey: KeyObject, bytes: Uint8Array): string {
  return sign(null, bytes, privateKey).toString('base64')
}

/**
 * Whether this signature over these bytes was made with the private half of this key. It needs no key ring, so that an
 * export of the audit log can be checked elsewhere and offline. About 90 µs.
 *
 * @param publicKey base64 of the raw 32 bytes, as `publicKeys` gives it
 * @param signature base64, as `sign` gives it
 * @returns false also for a key or a signature that is none; it never throws
 */
export function verifySignature(publicKey: string, bytes: Uint8Array, signature: string): boolean {
  const rawPublicKey = parseBase64(publicKey)
  const rawSignature = parseBase64(signature)
  if (rawPublicKey?.length !== rawPublicKeyLength || rawSignature === undefined) return false
  const wrapped = Buffer.concat([publicKeyLead, rawPublicKey])
  return verify(null, bytes, createPublicKey({ key: wrapped, format: 'der', type: 'spki' }), rawSignature)
}
