import { addressSchema, firstSchema, handoffSchema, identitySchema, type SchemaWords } from '../sql/schema.ts'

/** "Chtl": tells this database from those of other programs (https://sqlite.org/pragma.html#pragma_application_id). */
export const applicationId = 0x4368746c

const words: SchemaWords = {
  text: 'TEXT',
  integer: 'INTEGER',
  table: ' STRICT',
  withoutRowid: ' STRICT, WITHOUT ROWID',
  least: 'min',
  as: (expression) => `AS (${expression}) VIRTUAL`,
  rowid: '',
  byRowid: '',
  beforeColon: (column) => `substr(${column}, 1, instr(${column}, ':') - 1)`,
}

/**
 * The schema as a history: each text brings a database from one version to the next. What a release has shipped never
 * changes; a new version is appended.
 */
export const migrations: readonly string[] = [
  firstSchema(words),
  handoffSchema(words),
  identitySchema(words),
  addressSchema(words),
]
