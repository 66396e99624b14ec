import {
  ancestorsMax,
  isMadeByManager,
  memberOf,
  ownerOf,
  type Account,
  type Ancestor,
  type Project,
  type ProjectId,
  type StoredStanding,
  type Token,
  type TokenId,
} from '@chatelaine/core'
import type { SealedTable, Sealer } from '../seal.ts'
import { allValues, getValues, together, type Steps, type Values } from '../steps.ts'
import { accountTable } from '../tables/account-table.ts'
import { columnsOf, widthOf } from '../tables/columns.ts'
import { openSettings } from '../tables/find.ts'
import { projectTable } from '../tables/project-table.ts'
import { settingsId, settingsTable } from '../tables/settings-table.ts'
import { tokenTable } from '../tables/token-table.ts'

const standingSql = `
  SELECT ${columnsOf(tokenTable)}, ${columnsOf(settingsTable)}, ${columnsOf(accountTable)}, ${columnsOf(projectTable)},
    ${columnsOf(projectTable, 'asked')}
  FROM tokens
    LEFT JOIN settings ON settings.id = '${settingsId}'
    LEFT JOIN accounts ON accounts.id = tokens.account_id
    LEFT JOIN projects ON projects.id = tokens.project_id
    LEFT JOIN projects AS asked ON asked.id = ?
  WHERE tokens.id = ?`

/** Where in such a row each record begins. */
const settingsAt = widthOf(tokenTable)
const accountAt = settingsAt + widthOf(settingsTable)
const projectAt = accountAt + widthOf(accountTable)
const askedAt = projectAt + widthOf(projectTable)

// Bounded, so that even parents altered into a ring come to an end. One more than may be, since that is a refusal.
const makersSql = `
  WITH RECURSIVE makers (id, distance) AS (
    SELECT parent_token_id, 1 FROM tokens WHERE id = ?
    UNION ALL
    SELECT tokens.parent_token_id, distance + 1 FROM makers JOIN tokens ON tokens.id = makers.id
    WHERE distance <= ${ancestorsMax}
  )
  SELECT ${columnsOf(tokenTable)} FROM makers JOIN tokens ON tokens.id = makers.id ORDER BY distance`

/** Whether there are tokens above it whose limits it shares. */
export function isMadeByToken(token: Token): boolean {
  return token.parentTokenId !== null && !isMadeByManager(token)
}

/** Everything that a standing holds, but for what made the token. One statement, and therefore one moment. */
export function* readStanding(
  sealer: Sealer,
  id: TokenId,
  projectId: ProjectId | undefined,
): Steps<StoredStanding | undefined> {
  const row = yield* getValues(standingSql, projectId ?? null, id)
  const token = row && sealer.open(tokenTable, row)
  if (row === undefined || token === undefined) return undefined
  const project = openAt(sealer, projectTable, row, projectAt)
  if (token.projectId !== null && project === undefined) return undefined
  const settings = openSettings(sealer, presentAt(settingsTable, row, settingsAt))
  const rest = { ancestors: [], settings, projectPolicy: project?.policy }
  if (token.accountId === null) return { token, owner: null, memberOf: null, ...rest }
  const account = openAt(sealer, accountTable, row, accountAt)
  if (account === undefined) return undefined
  const asked = openAt(sealer, projectTable, row, askedAt)
  return { token, owner: ownerOf(account), memberOf: membership(account, asked), ...rest }
}

/** The whole standing. Takes more than one statement, which are to see one moment. */
export function* readStandingWithMakers(
  sealer: Sealer,
  id: TokenId,
  projectId: ProjectId | undefined,
): Steps<StoredStanding | undefined> {
  const [standing, makers] = (yield* together<unknown>([
    readStanding(sealer, id, projectId),
    allValues(makersSql, id),
  ])) as [StoredStanding | undefined, readonly Values[]]
  const ancestors = standing && ancestorsOf(sealer, standing.token, makers)
  return standing && ancestors && { ...standing, ancestors }
}

/** `undefined` when one of them cannot be read, since nobody knows which limit it has. */
function ancestorsOf(sealer: Sealer, token: Token, makers: readonly Values[]): Ancestor[] | undefined {
  const ancestors: Ancestor[] = []
  let made = token
  for (const row of makers) {
    if (!isMadeByToken(made)) return ancestors
    const maker = sealer.open(tokenTable, row)
    if (maker === undefined || maker.id !== made.parentTokenId || ancestors.length >= ancestorsMax) return undefined
    if (maker.kind === 'manager') return ancestors
    ancestors.push({ id: maker.id, rateLimit: maker.rateLimit })
    made = maker
  }
  return isMadeByToken(made) ? undefined : ancestors
}

function membership(account: Account, project: Project | undefined): ProjectId | null {
  if (project === undefined || project.status !== 'active') return null
  return memberOf(project, account.id) === undefined ? null : project.id
}

function openAt<Record>(sealer: Sealer, table: SealedTable<Record>, row: Values, from: number): Record | undefined {
  const values = presentAt(table, row, from)
  return values && sealer.open(table, values)
}

/** The columns of a table that was joined; `undefined` when it had no row for this one, which would have its seal. */
function presentAt<Record>(table: SealedTable<Record>, row: Values, from: number): Values | undefined {
  const end = from + widthOf(table)
  return row[end - 1] === null ? undefined : row.slice(from, end)
}
