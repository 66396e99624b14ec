import { foldName, takenState, type Change, type Project, type Write, type Written } from '@chatelaine/core'
import { findProject } from '../tables/find.ts'
import { projectTable } from '../tables/project-table.ts'
import { append } from './append.ts'
import { revokeTokensOfProject } from './ended-with.ts'
import { conflict, type Refused } from './refused.ts'
import type { Transaction } from './transaction.ts'
import { VersionWriter } from './version-writer.ts'
import { run, runOne, type Steps } from '../steps.ts'

const projects = new VersionWriter(projectTable, ['name_folded'])

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
  yield* projects.write(sealer, project, { name_folded: foldName(project.name) }, previous?.changedSeq)
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
