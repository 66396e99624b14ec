/** "Chtl": tells this database from those of other programs (https://sqlite.org/pragma.html#pragma_application_id). */
export const applicationId = 0x4368746c

/** Stands for "never" where instants are sorted, so that it comes after all of them. */
export const neverSorted = Number.MAX_SAFE_INTEGER

/** The owner under whom tokens are counted that belong to no account and no project. */
export const deploymentOwner = 'deployment'

/** The scope under which everything that was verified is summed up. No id is this short. */
export const allUsage = 'all'

/**
 * The schema as a history: each text brings a database from one version to the next. What a release has shipped never
 * changes; a new version is appended.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE epochs (
    serial INTEGER PRIMARY KEY,
    epoch TEXT NOT NULL UNIQUE,
    -- Its first entry is the one after this.
    after_seq INTEGER NOT NULL
  ) STRICT;

  -- Where the log ends and which serials were given. One row, read and written by every transaction.
  CREATE TABLE counters (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- Raised by each writer when it starts. A writer that finds another value has been replaced and writes no more.
    writer_epoch INTEGER NOT NULL,
    epoch_serial INTEGER NOT NULL REFERENCES epochs,
    seq INTEGER NOT NULL,
    chain TEXT NOT NULL,
    token_serial INTEGER NOT NULL,
    account_serial INTEGER NOT NULL,
    project_serial INTEGER NOT NULL
  ) STRICT;

  -- The public halves stay when a master key retires, so that what it signed can still be checked. The current key
  -- vouches for the former ones.
  CREATE TABLE master_keys (
    key_id TEXT PRIMARY KEY,
    check_value TEXT NOT NULL,
    audit_public_key TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;

  -- One row, there from the beginning.
  CREATE TABLE settings (
    id TEXT PRIMARY KEY,
    policy TEXT NOT NULL,
    catalogue TEXT,
    changed_seq INTEGER NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;

  CREATE TABLE accounts (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    uuid TEXT NOT NULL,
    username TEXT NOT NULL,
    email TEXT,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    external_id TEXT UNIQUE,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    changed_seq INTEGER NOT NULL,
    seal TEXT NOT NULL,
    last_sign_in_at INTEGER,
    username_folded TEXT NOT NULL UNIQUE,
    email_folded TEXT UNIQUE,
    name_folded TEXT NOT NULL
  ) STRICT;
  CREATE INDEX accounts_administrators ON accounts (serial) WHERE role = 'admin';

  CREATE TABLE projects (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    uuid TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    -- They are part of the sealed row; the table project_members only finds projects by them.
    members TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_seq INTEGER NOT NULL,
    policy TEXT,
    seal TEXT NOT NULL,
    name_folded TEXT NOT NULL
  ) STRICT;
  CREATE INDEX projects_by_name ON projects (name_folded, serial);

  CREATE TABLE project_members (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    project_id TEXT NOT NULL REFERENCES projects (id),
    PRIMARY KEY (account_id, project_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_of_project ON project_members (project_id);

  CREATE TABLE tokens (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    uuid TEXT NOT NULL,
    kind TEXT NOT NULL,
    account_id TEXT REFERENCES accounts (id),
    project_id TEXT REFERENCES projects (id),
    label TEXT NOT NULL,
    start TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    scopes TEXT NOT NULL,
    allowed_ips TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    -- No reference: a token may be forgotten while those that it made live on.
    parent_token_id TEXT,
    origin TEXT NOT NULL,
    not_before INTEGER,
    expires_at INTEGER,
    revoked_at INTEGER,
    revoked_reason TEXT,
    digest TEXT NOT NULL,
    changed_seq INTEGER NOT NULL,
    rate_limit TEXT,
    uses_granted INTEGER,
    renewable_until INTEGER,
    first_lifetime_ms INTEGER,
    rotation TEXT,
    scopes_version INTEGER,
    seal TEXT NOT NULL,
    first_used_at INTEGER,
    last_used_at INTEGER,
    last_used_ip TEXT,
    last_used_client TEXT,
    use_count INTEGER NOT NULL,
    -- What lists show; what counts is in the table uses_left.
    uses_left INTEGER,
    old_last_used_at INTEGER,
    old_last_used_ip TEXT,
    label_folded TEXT NOT NULL,
    permanent_slot INTEGER,
    owner TEXT AS (coalesce(project_id, account_id, '${deploymentOwner}')) VIRTUAL,
    expires_sorted INTEGER AS (ifnull(expires_at, ${neverSorted})) VIRTUAL,
    used_sorted INTEGER AS (ifnull(last_used_at, 0)) VIRTUAL,
    ended_at INTEGER AS (min(ifnull(revoked_at, ${neverSorted}), ifnull(expires_at, ${neverSorted}))) VIRTUAL,
    digest_key_id TEXT AS (substr(digest, 1, instr(digest, ':') - 1)) VIRTUAL
  ) STRICT;
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
    token_id TEXT PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    remaining INTEGER NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    seal TEXT NOT NULL,
    last_seen_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sessions_of_account ON sessions (account_id);
  CREATE INDEX sessions_by_creation ON sessions (created_at);
  CREATE INDEX sessions_by_activity ON sessions (last_seen_at);

  CREATE TABLE once (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at INTEGER NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    seal TEXT NOT NULL,
    UNIQUE (caller, key)
  ) STRICT;
  CREATE INDEX once_by_age ON once (at);

  -- How verifications ended: sums by hour, side by side for each token, for each owner and for everything, so that every
  -- series is one short range.
  CREATE TABLE usage (
    -- A token, an account, a project, or '${allUsage}'.
    scope TEXT NOT NULL,
    hour INTEGER NOT NULL,
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    -- Of a token's sums: whose it is.
    owner TEXT,
    UNIQUE (scope, hour, code)
  ) STRICT;
  CREATE INDEX usage_by_hour ON usage (hour);
  CREATE INDEX usage_of_owner ON usage (owner, hour) WHERE owner IS NOT NULL;

  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY,
    epoch_serial INTEGER NOT NULL REFERENCES epochs,
    at INTEGER NOT NULL,
    actor_type TEXT NOT NULL,
    actor_account_id TEXT,
    actor_token_id TEXT,
    actor_ip TEXT,
    actor_client TEXT,
    action TEXT NOT NULL,
    effect TEXT NOT NULL,
    subject_type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    details TEXT NOT NULL,
    chain TEXT NOT NULL,
    -- Whose the subject was then, so that an account or a project finds what happened to its tokens. Not part of
    -- the entry.
    owner_id TEXT
  ) STRICT;
  CREATE INDEX changes_by_subject ON changes (subject_id, seq);
  CREATE INDEX changes_by_account ON changes (actor_account_id, seq) WHERE actor_account_id IS NOT NULL;
  CREATE INDEX changes_by_token ON changes (actor_token_id, seq) WHERE actor_token_id IS NOT NULL;
  CREATE INDEX changes_by_owner ON changes (owner_id, seq) WHERE owner_id IS NOT NULL;
  -- For the journal, which catches up with these alone.
  CREATE INDEX changes_that_take ON changes (seq) WHERE effect = 'takes';
  CREATE INDEX changes_by_action ON changes (action, seq);

  CREATE TABLE heads (
    seq INTEGER PRIMARY KEY,
    epoch_serial INTEGER NOT NULL REFERENCES epochs,
    chain TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
  ) STRICT;
  `,
]
