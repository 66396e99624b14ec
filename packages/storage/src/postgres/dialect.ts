/** What PostgreSQL calls otherwise than SQLite, in whose words statements are written. */
const otherwise: Readonly<Record<string, string>> = { instr: 'strpos' }

const differing = new RegExp(`\\?|\\b(${Object.keys(otherwise).join('|')})(?=\\()`, 'g')

/**
 * The text of a statement as PostgreSQL has it: each `?` a numbered parameter. No statement of ours holds a question
 * mark within quotes.
 */
export function toPostgres(sql: string): string {
  let parameters = 0
  return sql.replaceAll(differing, (found) => otherwise[found] ?? `$${(parameters += 1)}`)
}
