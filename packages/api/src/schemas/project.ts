import { z } from 'zod'
import { projectDescriptionLengthMax, projectNameLengthMax, searchLengthMax, usernameLengthMax } from '../bounds.ts'
import { accountId, answeredInstant, cursor, pageLimit, pageOf, projectId, text } from '../fields.ts'
import { ProjectPolicy } from './settings.ts'

const projectStatuses = ['active', 'archived'] as const
const memberRoles = ['owner', 'manager', 'member'] as const

const name = text({ lengthMin: 1, lengthMax: projectNameLengthMax }).describe('What people call the project.')
const description = text({ lengthMax: projectDescriptionLengthMax }).describe('What it is for.')
const role = z
  .enum(memberRoles)
  .describe('Owners and managers manage members and tokens; members see the tokens and manage those that they made.')

export const Member = z
  .strictObject({
    account_id: accountId.describe('Who it is.'),
    username: z.string().describe('What it signs in as.'),
    name: z.string().describe('What people call it.'),
    role,
    since: answeredInstant.describe('Since when.'),
  })
  .describe('An account that belongs to a project.')

export const Project = z
  .strictObject({
    id: projectId.describe('Public; safe in logs.'),
    serial: z.int().positive().describe('A number from 1, unique among projects and never reused.'),
    uuid: z.uuid().describe('The same project for systems that need a UUID.'),
    name: z.string().describe('What people call the project.'),
    description: z.string().describe('What it is for.'),
    status: z.enum(projectStatuses).describe('An archived project has no live tokens.'),
    created_at: answeredInstant.describe('When it was made.'),
    policy: ProjectPolicy.describe('What its tokens are allowed otherwise than those of the deployment.'),
  })
  .describe('A shared place with members, and tokens that reach nothing else.')

export const ProjectList = pageOf(Project).describe('A page of projects.')
export const MemberList = pageOf(Member).describe('The members of a project.')

export const ProjectCreate = z
  .strictObject({
    name,
    description: description.exactOptional(),
    owner_id: accountId
      .exactOptional()
      .describe('Who will own it; only managers and administrators may name another than themselves.'),
  })
  .describe('What to make. Whoever makes it owns it, unless said otherwise.')

export const ProjectUpdate = z
  .strictObject({
    name: name.exactOptional(),
    description: description.exactOptional(),
    policy: ProjectPolicy.exactOptional().describe(
      'In place of the policy that it has of its own; it takes `chatelaine.settings:write` over the whole deployment.',
    ),
  })
  .refine((change) => Object.keys(change).length > 0, { error: 'changes nothing; name at least one field' })
  .describe('What to change; what is left out stays as it is.')

export const MemberCreate = z
  .strictObject({
    account_id: accountId.exactOptional().describe('Whom to add.'),
    username: text({ lengthMin: 1, lengthMax: usernameLengthMax }).exactOptional().describe('The same, by user name.'),
    role: role.default('member'),
  })
  .refine(({ account_id: id, username }) => (id === undefined) !== (username === undefined), {
    error: 'needs the account: either account_id or username',
  })
  .describe('Whom to add to the project, by id or by user name.')

export const MemberUpdate = z.strictObject({ role }).describe('The new role.')

export const ProjectListQuery = z.strictObject({
  status: z.enum(projectStatuses).exactOptional().describe('Only projects with this status.'),
  q: text({ lengthMax: searchLengthMax }).exactOptional().describe('Only projects whose name contains this.'),
  limit: pageLimit,
  cursor: cursor.exactOptional(),
})
