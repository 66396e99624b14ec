import type { Catalogue } from './catalogue.ts'
import type { Caller } from './caller.ts'
import type { Guard } from '../log/change.ts'
import { scopesInForce } from './catalogue.ts'
import { defaultPolicy, endOf, overridden, type Policy, type PolicyOverride } from './policy.ts'
import type { ProjectId } from './id.ts'
import type { Ports } from '../ports.ts'
import { projectGuard } from './project.ts'
import type { Token } from './token.ts'

/** What is settled for the whole deployment while it runs, as it is stored. */
export interface Settings {
  readonly policy: Policy
  /** `null` until the platform has named its scopes. */
  readonly catalogue: Catalogue | null
  /** The change that last touched them; 0 until there was one. */
  readonly changedSeq: number
}

export const initialSettings: Settings = { policy: defaultPolicy, catalogue: null, changedSeq: 0 }

/** What binds one token or one owner: the deployment's policy with what its project has otherwise, and the catalogue. */
export interface Rules {
  readonly policy: Policy
  readonly catalogue: Catalogue | null
}

export function rulesOf({ policy, catalogue }: Settings, override: PolicyOverride | undefined): Rules {
  return { policy: override === undefined ? policy : overridden(policy, override), catalogue }
}

/** The rules for whatever belongs to this project, or to no project. */
export async function readRules(ports: Ports, projectId: ProjectId | null): Promise<Rules & { guards: Guard[] }> {
  const settings = await ports.settings.read()
  const project = projectId === null ? undefined : await ports.projects.find(projectId)
  const guards = [settingsGuard(settings), ...(project === undefined ? [] : [projectGuard(project)])]
  return { ...rulesOf(settings, project?.policy), guards }
}

/** What makes a change conflict if the settings changed after they were read. */
export function settingsGuard({ changedSeq }: Settings): Guard {
  return { guard: 'settings-unchanged', changedSeq }
}

/** A token as the rules leave it: it ends where policy ends it, and holds the scopes that count. For comparing, never for writing. */
export function inForce(token: Token, { policy, catalogue }: Rules): Token {
  return { ...token, expiresAt: endOf(token, policy), scopes: scopesInForce(catalogue, token) }
}

/** Whoever asks, with a token as the rules leave it: what it makes is measured by what it can itself. */
export async function callerInForce(ports: Ports, caller: Caller): Promise<Caller> {
  if (caller.type !== 'token') return caller
  return { ...caller, token: inForce(caller.token, await readRules(ports, caller.token.projectId)) }
}
