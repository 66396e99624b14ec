/** Stands for "never" where instants are sorted, so that it comes after all of them. */
export const neverSorted = Number.MAX_SAFE_INTEGER

/** The owner under whom tokens are counted that belong to no account and no project. */
export const deploymentOwner = 'deployment'

/** The scope under which everything that was verified is summed up. No id is this short. */
export const allUsage = 'all'

/** What stands in the place of an address that is not known, and of those that are not told apart. No address is spelt so. */
export const unknownAddress = ''
export const furtherAddresses = 'others'

/** What the databases have different words for. */
export interface SchemaWords {
  /** Text that is sorted and compared by its bytes. */
  readonly text: string
  readonly integer: string
  /** What stands behind the columns of a table, and of one that is found by its primary key alone. */
  readonly table: string
  readonly withoutRowid: string
  /** The smaller of two numbers. */
  readonly least: string
  /** A column that is computed from others. */
  readonly as: (expression: string) => string
  /** A column by which rows are told apart in the order in which they were added, where that is not there by itself. */
  readonly rowid: string
  /** What stands behind the columns of an index in which rows of the same key are to be in that order. */
  readonly byRowid: string
  /** What of a column's text stands before its first colon. */
  readonly beforeColon: (column: string) => string
}

/** The tables of the first version, as each database spells them. */
export function firstSchema({
  text,
  integer,
  table,
  withoutRowid,
  least,
  as,
  rowid,
  byRowid,
  beforeColon,
}: SchemaWords): string {
  return `
  CREATE TABLE epochs (
    serial ${integer} PRIMARY KEY,
    epoch ${text} NOT NULL UNIQUE,
    -- Its first entry is the one after this.
    after_seq ${integer} NOT NULL
  )${table};

  -- Where the log ends and which serials were given. One row, read and written by every transaction.
  CREATE TABLE counters (
    only_row ${integer} PRIMARY KEY CHECK (only_row = 1),
    -- Raised by each writer when it starts, where there is one at a time. A writer that finds another value has been
    -- replaced and writes no more.
    writer_epoch ${integer} NOT NULL,
    epoch_serial ${integer} NOT NULL REFERENCES epochs,
    seq ${integer} NOT NULL,
    chain ${text} NOT NULL,
    token_serial ${integer} NOT NULL,
    account_serial ${integer} NOT NULL,
    project_serial ${integer} NOT NULL
  )${table};

  -- The public halves stay when a master key retires, so that what it signed can still be checked. The current key
  -- vouches for the former ones.
  CREATE TABLE master_keys (
    key_id ${text} PRIMARY KEY,
    check_value ${text} NOT NULL,
    audit_public_key ${text} NOT NULL,
    seal ${text} NOT NULL
  )${table};

  -- One row, there from the beginning.
  CREATE TABLE settings (
    id ${text} PRIMARY KEY,
    policy ${text} NOT NULL,
    catalogue ${text},
    changed_seq ${integer} NOT NULL,
    seal ${text} NOT NULL
  )${table};

  CREATE TABLE accounts (
    serial ${integer} PRIMARY KEY,
    id ${text} NOT NULL UNIQUE,
    uuid ${text} NOT NULL,
    username ${text} NOT NULL,
    email ${text},
    name ${text} NOT NULL,
    role ${text} NOT NULL,
    status ${text} NOT NULL,
    external_id ${text} UNIQUE,
    password_hash ${text},
    created_at ${integer} NOT NULL,
    changed_seq ${integer} NOT NULL,
    seal ${text} NOT NULL,
    last_sign_in_at ${integer},
    username_folded ${text} NOT NULL UNIQUE,
    email_folded ${text} UNIQUE,
    name_folded ${text} NOT NULL
  )${table};
  CREATE INDEX accounts_administrators ON accounts (serial) WHERE role = 'admin';

  CREATE TABLE projects (
    serial ${integer} PRIMARY KEY,
    id ${text} NOT NULL UNIQUE,
    uuid ${text} NOT NULL,
    name ${text} NOT NULL,
    description ${text} NOT NULL,
    status ${text} NOT NULL,
    -- They are part of the sealed row; the table project_members only finds projects by them.
    members ${text} NOT NULL,
    created_at ${integer} NOT NULL,
    changed_seq ${integer} NOT NULL,
    policy ${text},
    seal ${text} NOT NULL,
    name_folded ${text} NOT NULL
  )${table};
  CREATE INDEX projects_by_name ON projects (name_folded, serial);

  CREATE TABLE project_members (
    account_id ${text} NOT NULL REFERENCES accounts (id),
    project_id ${text} NOT NULL REFERENCES projects (id),
    PRIMARY KEY (account_id, project_id)
  )${withoutRowid};
  CREATE INDEX members_of_project ON project_members (project_id);

  CREATE TABLE tokens (
    serial ${integer} PRIMARY KEY,
    id ${text} NOT NULL UNIQUE,
    uuid ${text} NOT NULL,
    kind ${text} NOT NULL,
    account_id ${text} REFERENCES accounts (id),
    project_id ${text} REFERENCES projects (id),
    label ${text} NOT NULL,
    start ${text} NOT NULL,
    is_active ${integer} NOT NULL,
    scopes ${text} NOT NULL,
    allowed_ips ${text} NOT NULL,
    metadata ${text} NOT NULL,
    created_at ${integer} NOT NULL,
    created_by ${text},
    -- No reference: a token may be forgotten while those that it made live on.
    parent_token_id ${text},
    origin ${text} NOT NULL,
    not_before ${integer},
    expires_at ${integer},
    revoked_at ${integer},
    revoked_reason ${text},
    digest ${text} NOT NULL,
    changed_seq ${integer} NOT NULL,
    rate_limit ${text},
    uses_granted ${integer},
    renewable_until ${integer},
    first_lifetime_ms ${integer},
    rotation ${text},
    scopes_version ${integer},
    seal ${text} NOT NULL,
    first_used_at ${integer},
    last_used_at ${integer},
    last_used_ip ${text},
    last_used_client ${text},
    use_count ${integer} NOT NULL,
    -- What lists show; what counts is in the table uses_left.
    uses_left ${integer},
    old_last_used_at ${integer},
    old_last_used_ip ${text},
    label_folded ${text} NOT NULL,
    permanent_slot ${integer},
    owner ${text} ${as(`coalesce(project_id, account_id, '${deploymentOwner}')`)},
    expires_sorted ${integer} ${as(`coalesce(expires_at, ${neverSorted})`)},
    used_sorted ${integer} ${as('coalesce(last_used_at, 0)')},
    ended_at ${integer} ${as(`${least}(coalesce(revoked_at, ${neverSorted}), coalesce(expires_at, ${neverSorted}))`)},
    digest_key_id ${text} ${as(beforeColon('digest'))}
  )${table};
  -- Five permanent tokens are five, however many requests race: each takes a slot, and a slot is taken once.
  CREATE UNIQUE INDEX tokens_permanent ON tokens (owner, permanent_slot)
    WHERE permanent_slot IS NOT NULL AND revoked_at IS NULL;
  CREATE INDEX tokens_live ON tokens (owner, expires_sorted) WHERE revoked_at IS NULL;
  CREATE INDEX tokens_children ON tokens (parent_token_id) WHERE parent_token_id IS NOT NULL;
  CREATE INDEX tokens_ended ON tokens (ended_at, serial);
  CREATE INDEX tokens_by_key ON tokens (digest_key_id, serial);
  CREATE INDEX tokens_by_creation ON tokens (created_at, serial);
  CREATE INDEX tokens_by_label ON tokens (label_folded, serial);
  CREATE INDEX tokens_by_expiry ON tokens (expires_sorted, serial);
  CREATE INDEX tokens_by_use ON tokens (used_sorted, serial);
  CREATE INDEX tokens_of_account ON tokens (account_id, created_at, serial) WHERE account_id IS NOT NULL;

  CREATE INDEX tokens_of_project ON tokens (project_id, created_at, serial) WHERE project_id IS NOT NULL;
  CREATE INDEX tokens_by_maker ON tokens (created_by, serial) WHERE project_id IS NOT NULL AND revoked_at IS NULL;

  -- Of tokens whose uses are counted. Apart from them, since it is sealed and written at each reservation.
  CREATE TABLE uses_left (
    token_id ${text} PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    remaining ${integer} NOT NULL,
    seal ${text} NOT NULL
  )${table};

  CREATE TABLE sessions (
    id ${text} PRIMARY KEY,
    digest ${text} NOT NULL UNIQUE,
    account_id ${text} NOT NULL REFERENCES accounts (id),
    created_at ${integer} NOT NULL,
    seal ${text} NOT NULL,
    last_seen_at ${integer} NOT NULL
  )${table};
  CREATE INDEX sessions_of_account ON sessions (account_id);
  CREATE INDEX sessions_by_creation ON sessions (created_at);
  CREATE INDEX sessions_by_activity ON sessions (last_seen_at);

  CREATE TABLE once (
    caller ${text} NOT NULL,
    key ${text} NOT NULL,
    fingerprint ${text} NOT NULL,
    at ${integer} NOT NULL,
    subject_type ${text} NOT NULL,
    subject_id ${text} NOT NULL,
    seal ${text} NOT NULL,
    UNIQUE (caller, key)
  )${table};
  CREATE INDEX once_by_age ON once (at);

  -- How verifications ended: sums by hour, side by side for each token, for each owner and for everything, so that every
  -- series is one short range.
  CREATE TABLE usage (
    -- A token, an account, a project, or '${allUsage}'.
    scope ${text} NOT NULL,
    hour ${integer} NOT NULL,
    code ${text} NOT NULL,
    count ${integer} NOT NULL,
    -- Of a token's sums: whose it is.
    owner ${text},${rowid}
    UNIQUE (scope, hour, code)
  )${table};
  CREATE INDEX usage_by_hour ON usage (hour${byRowid});
  CREATE INDEX usage_of_owner ON usage (owner, hour${byRowid}) WHERE owner IS NOT NULL;

  CREATE TABLE changes (
    seq ${integer} PRIMARY KEY,
    epoch_serial ${integer} NOT NULL REFERENCES epochs,
    at ${integer} NOT NULL,
    actor_type ${text} NOT NULL,
    actor_account_id ${text},
    actor_token_id ${text},
    actor_ip ${text},
    actor_client ${text},
    action ${text} NOT NULL,
    effect ${text} NOT NULL,
    subject_type ${text} NOT NULL,
    subject_id ${text} NOT NULL,
    details ${text} NOT NULL,
    chain ${text} NOT NULL,
    -- Whose the subject was then, so that an account or a project finds what happened to its tokens. Not part of
    -- the entry.
    owner_id ${text}
  )${table};
  CREATE INDEX changes_by_subject ON changes (subject_id, seq);
  CREATE INDEX changes_by_account ON changes (actor_account_id, seq) WHERE actor_account_id IS NOT NULL;
  CREATE INDEX changes_by_token ON changes (actor_token_id, seq) WHERE actor_token_id IS NOT NULL;
  CREATE INDEX changes_by_owner ON changes (owner_id, seq) WHERE owner_id IS NOT NULL;
  -- For the journal, which catches up with these alone.
  CREATE INDEX changes_that_take ON changes (seq) WHERE effect = 'takes';
  CREATE INDEX changes_by_action ON changes (action, seq);

  CREATE TABLE heads (
    seq ${integer} PRIMARY KEY,
    epoch_serial ${integer} NOT NULL REFERENCES epochs,
    chain ${text} NOT NULL,
    key_id ${text} NOT NULL,
    signature ${text} NOT NULL
  )${table};
  `
}

/** Whom a provider of single sign-on knows an account as. */
export function identitySchema({ text }: SchemaWords): string {
  return `
  ALTER TABLE accounts ADD COLUMN identity_issuer ${text};
  ALTER TABLE accounts ADD COLUMN identity_subject ${text};
  CREATE UNIQUE INDEX accounts_by_identity ON accounts (identity_issuer, identity_subject)
    WHERE identity_subject IS NOT NULL;
  `
}

/** What waits for minutes between the two sides of a hand-off. */
export function handoffSchema({ text, integer, table }: SchemaWords): string {
  return `
  CREATE TABLE handoffs (
    name ${text} PRIMARY KEY,
    text ${text} NOT NULL,
    ends_at ${integer} NOT NULL,
    seal ${text} NOT NULL
  )${table};
  CREATE INDEX handoffs_by_end ON handoffs (ends_at);
  `
}

/** From where tokens were used. */
export function addressSchema({ text, integer, withoutRowid }: SchemaWords): string {
  return `
  CREATE TABLE token_addresses (
    token_id ${text} NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    hour ${integer} NOT NULL,
    -- Or '${unknownAddress}' where it is not known, or '${furtherAddresses}' for all beyond those that are told apart.
    ip ${text} NOT NULL,
    client ${text},
    count ${integer} NOT NULL,
    last_used_at ${integer} NOT NULL,
    old_last_used_at ${integer},
    PRIMARY KEY (token_id, hour, ip)
  )${withoutRowid};
  CREATE INDEX token_addresses_by_hour ON token_addresses (hour);
  `
}
