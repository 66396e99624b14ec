import type { Caller } from '../domain/caller.ts'
import type { ProjectId } from '../domain/id.ts'
import { inForce, rulesOf, type Rules } from '../domain/settings.ts'
import type { Guard } from '../log/change.ts'
import { projectGuard, settingsGuard } from '../log/guards.ts'
import type { Ports } from '../ports.ts'

/** The rules for whatever belongs to this project, or to no project. */
export async function readRules(ports: Ports, projectId: ProjectId | null): Promise<Rules & { guards: Guard[] }> {
  const settings = await ports.settings.read()
  const project = projectId === null ? undefined : await ports.projects.find(projectId)
  const guards = [settingsGuard(settings), ...(project === undefined ? [] : [projectGuard(project)])]
  return { ...rulesOf(settings, project?.policy), guards }
}

/** Whoever asks, with a token as the rules leave it: what it makes is measured by what it can itself. */
export async function callerInForce(ports: Ports, caller: Caller): Promise<Caller> {
  if (caller.type !== 'token') return caller
  return { ...caller, token: inForce(caller.token, await readRules(ports, caller.token.projectId)) }
}
