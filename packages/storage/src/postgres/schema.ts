import { addressSchema, firstSchema, handoffSchema, identitySchema, type SchemaWords } from '../sql/schema.ts'

const words: SchemaWords = {
  // By bytes, whatever the database sorts by, so that lists and cursors are those of SQLite.
  text: 'text COLLATE "C"',
  integer: 'bigint',
  table: '',
  withoutRowid: '',
  least: 'least',
  as: (expression) => `GENERATED ALWAYS AS (${expression}) STORED`,
  rowid: ' rowid bigint GENERATED ALWAYS AS IDENTITY,',
  byRowid: ', rowid',
  beforeColon: (column) => `split_part(${column}, ':', 1)`,
}

/**
 * The schema as a history: each text brings a database from one version to the next. What a release has shipped never
 * changes; a new version is appended.
 */
export const migrations: readonly string[] = [
  `${firstSchema(words)}
  -- The history of the server that each epoch was written on, as \`currentHistory\` says. A log that goes on in another one
  -- goes on in another epoch.
  ALTER TABLE epochs ADD COLUMN history text COLLATE "C" NOT NULL;

  -- The version of this schema. It also tells that these tables are Chatelaine's.
  CREATE TABLE chatelaine_schema (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    version bigint NOT NULL
  );
  INSERT INTO chatelaine_schema VALUES (1, 0);

  -- The instances that may answer from memory, each with what it has applied.
  CREATE TABLE verifiers (
    id text COLLATE "C" PRIMARY KEY,
    epoch text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    beat bigint NOT NULL,
    verifier_count bigint NOT NULL,
    lowest_seq bigint,
    longest_lease_ms bigint NOT NULL
  );
  `,
  handoffSchema(words),
  identitySchema(words),
  addressSchema(words),
]
