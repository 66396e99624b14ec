import { foldName, takenState, type Change, type Project, type Write, type Written } from '@chatelaine/core'
import { insertSql, updateSql, valuesOf } from '../tables/columns.ts'
import { findProject } from '../tables/find.ts'
import { projectTable } from '../tables/project-table.ts'
import { append } from './append.ts'
import { revokeTokensOfProject } from './ended-with.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'
import { run, runOne, type Row, type Steps } from '../steps.ts'

const derived = ['name_folded', 'seal']
const insertColumns = [...projectTable.sealed, ...derived]
const insertProject = insertSql('projects', insertColumns)
const updateProject = updateSql('projects', insertColumns, 'id = ? AND changed_seq = ?')

export function* putProject(
  transaction: Transaction,
  change: Change,
  write: Extract<Write, { put: 'project' }>,
): Steps<Written | Refused> {
  const { sealer, draft } = transaction
  const isNew = write.project.changedSeq === 0
  const previous = isNew ? undefined : yield* findProject(sealer, write.project.id)
  if (!isNew && previous?.changedSeq !== write.project.changedSeq) return conflict

  const project: Project = {
    ...write.project,
    serial: previous?.serial ?? (draft.projectSerial += 1),
    changedSeq: draft.seq + 1,
  }
  const row = projectTable.encode(project)
  const whole: Row = {
    ...row,
    name_folded: foldName(project.name),
    seal: sealer.seal(projectTable, valuesOf(row, projectTable.sealed)),
  }
  if (previous === undefined) yield* runOne(insertProject, ...valuesOf(whole, insertColumns))
  else yield* runOne(updateProject, ...valuesOf(whole, insertColumns), project.id, previous.changedSeq)
  yield* writeMembers(project)
  yield* append(transaction, change, project.id, takenState(change))
  const { endTokens } = write
  if (endTokens === 'all') yield* revokeTokensOfProject(transaction, change, project, undefined)
  else if (endTokens !== undefined) yield* revokeTokensOfProject(transaction, change, project, endTokens.createdBy)
  return { type: 'project', project }
}

/** By whom projects are found. The project's own row says who its members are; this only leads there. */
function* writeMembers({ id, members }: Project): Steps<void> {
  yield* run('DELETE FROM project_members WHERE project_id = ?', id)
  for (const { accountId } of members) {
    yield* runOne('INSERT INTO project_members (project_id, account_id) VALUES (?, ?)', id, accountId)
  }
}
