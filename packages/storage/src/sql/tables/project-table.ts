import type { Project } from '@chatelaine/core'
import type { Row } from '../steps.ts'
import type { SealedTable } from '../seal.ts'

export const projectTable: SealedTable<Project> = {
  name: 'projects',
  sealed: ['id', 'serial', 'uuid', 'name', 'description', 'status', 'members', 'created_at', 'changed_seq', 'policy'],
  observed: [],
  key: ['id'],

  encode: (project): Row => ({
    id: project.id,
    serial: project.serial,
    uuid: project.uuid,
    name: project.name,
    description: project.description,
    status: project.status,
    members: JSON.stringify(project.members),
    created_at: project.createdAt,
    changed_seq: project.changedSeq,
    policy: Object.keys(project.policy).length === 0 ? null : JSON.stringify(project.policy),
  }),

  decode: ([id, serial, uuid, name, description, status, members, createdAt, changedSeq, policy]) => ({
    id,
    serial,
    uuid,
    name,
    description,
    status,
    members: JSON.parse(String(members)),
    createdAt,
    policy: policy === null ? {} : JSON.parse(String(policy)),
    changedSeq,
  }),
}
