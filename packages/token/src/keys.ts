// The server's half of the token: the master key kept outside the database, and everything that is derived from it.
// It needs `node:crypto`. Derivation, digests and signatures: spec/token-format.md, from "The key ring" on.

export { KeyRing, KeyRingError, keyIdPattern, keysPerRingMax, masterKeyBytes } from './keys/ring.ts'
export { keyPurposes, type KeyPurpose, type MacPurpose } from './keys/purposes.ts'
export { deriveKeys, type Keys, type Signature } from './keys/derive.ts'
export { verifySignature } from './keys/signature.ts'
export { processFingerprint } from './keys/fingerprint.ts'
