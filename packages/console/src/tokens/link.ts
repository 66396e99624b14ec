import type { Project, Scope } from '@chatelaine/sdk'
import { emptyDraft, type Draft, type Life } from './draft.ts'

/** What a link asked for that was not taken over. */
export type NotTaken = 'label' | 'project' | 'scopes' | 'expires'

/** What a link leads to. */
export interface Prefilled {
  readonly draft: Draft
  readonly notTaken: readonly NotTaken[]
}

/**
 * What the address of the page asks for, so that documentation can link to a token that fits:
 * `?label=&scopes=&project=&expires=`. What cannot be had is left out and told of; scopes that are left out never make
 * the token wider.
 */
export function prefilledBy(
  link: URLSearchParams,
  known: { readonly projects: readonly Project[]; readonly scopes: readonly Scope[] },
): Prefilled {
  const asked = {
    label: labelIn(link.get('label')),
    project: projectIn(link.get('project'), known.projects),
    scopes: scopesIn(link.get('scopes'), known.scopes),
    expires: lifeIn(link.get('expires')),
  }
  return {
    draft: {
      ...emptyDraft,
      label: asked.label ?? emptyDraft.label,
      projectId: asked.project ?? emptyDraft.projectId,
      scopes: asked.scopes.chosen,
      life: asked.expires ?? emptyDraft.life,
    },
    notTaken: [
      ...(asked.label === undefined ? ['label' as const] : []),
      ...(asked.project === undefined ? ['project' as const] : []),
      ...(asked.scopes.isWhole ? [] : ['scopes' as const]),
      ...(asked.expires === undefined ? ['expires' as const] : []),
    ],
  }
}

const labelLengthMax = 256

function labelIn(text: string | null): string | undefined {
  if (text === null) return ''
  // As the API has it: one line, counted in code points.
  return Array.from(text).length <= labelLengthMax && /^[^\p{Cc}\p{Cs}]*$/u.test(text) ? text : undefined
}

function projectIn(id: string | null, projects: readonly Project[]): string | undefined {
  if (id === null || id === '') return ''
  return projects.find((project) => project.id === id)?.id
}

const scopeShape = /^[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*:(?:[a-z][a-z0-9_-]*|\*)$/
/** Not of the platform: the server's own, which no catalogue names. */
const reserved = /^chatelaine\./

function scopesIn(text: string | null, catalogue: readonly Scope[]): { chosen: Draft['scopes']; isWhole: boolean } {
  const asked = [...new Set(text?.split(/[\s,]+/).filter((scope) => scope !== '') ?? [])]
  if (asked.length === 0 || asked.includes('*')) return { chosen: 'all', isWhole: true }
  const found = asked.map((scope) => {
    if (!scopeShape.test(scope)) return []
    if (catalogue.length === 0 || reserved.test(scope)) return [scope]
    return catalogue.map(({ name }) => name).filter((name) => name === scope || isWithin(name, scope))
  })
  return { chosen: [...new Set(found.flat())], isWhole: found.every((scopes) => scopes.length > 0) }
}

/** Whether a scope is one of `resource:*`. */
function isWithin(name: string, scope: string): boolean {
  return scope.endsWith(':*') && name.startsWith(scope.slice(0, -1))
}

/** `never`, `30d`, `12h`, or a day such as `2027-01-31`. */
function lifeIn(text: string | null): Life | undefined {
  if (text === null) return emptyDraft.life
  if (text === 'never') return { in: 'never' }
  const [, number = '', unit] = /^(\d{1,5})([dh])$/.exec(text) ?? []
  if (unit === 'h') return { in: 'hours', hours: String(Number(number)) }
  if (unit === 'd' && Number(number) > 0) return { in: 'days', days: Number(number) }
  return isDay(text) ? { in: 'date', date: text } : undefined
}

/** Whether this is a day that there is, which 31 February is not. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
