// Each purpose has a key of its own, so that a value made for one is worth nothing for another.

/** What each derived key is for: `mac` keys an HMAC-SHA-256, `sign` seeds an Ed25519 key pair. */
export const keyPurposes = {
  /** What the database keeps of a token. */
  digest: 'mac',
  /** Seals the fields of a stored row that verification relies on. */
  'row-seal': 'mac',
  /** Signs the heads of the change log. */
  'audit-signature': 'sign',
  /** Authenticates the cursors of lists. */
  cursor: 'mac',
  /** What the database keeps of a console session's cookie. */
  session: 'mac',
  /** Authenticates what is no token of ours and lives for a while, such as a code, or what a token is traded for. */
  bearer: 'mac',
  /** Recognises a repeated request by its body, without keeping the body. */
  idempotency: 'mac',
  /** Authenticates the journal of what was taken away. */
  journal: 'mac',
  /** Authenticates the one-time set-up code, of which nothing is kept. */
  setup: 'mac',
  /** Tells whether a database belongs to a master key. */
  'key-check': 'mac',
} as const satisfies Record<string, 'mac' | 'sign'>

/** One row of `keyPurposes`. */
export type KeyPurpose = keyof typeof keyPurposes

/** A purpose whose key makes MACs. */
export type MacPurpose = { [P in KeyPurpose]: (typeof keyPurposes)[P] extends 'mac' ? P : never }[KeyPurpose]
