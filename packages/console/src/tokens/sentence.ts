import type { Project, Scope } from '@chatelaine/sdk'
import { shortly } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import { endOf, type Draft } from './draft.ts'

interface Known {
  readonly projects: readonly Project[]
  readonly scopes: readonly Scope[]
  readonly now: number
}

/** What will be made, in one sentence. */
export function sentenceOf(draft: Draft, { projects, scopes, now }: Known): string {
  const called = new Map(scopes.map(({ name, description }) => [name, description]))
  const end = endOf(draft.life, now)
  const rate = Number(draft.rateLimit)
  const uses = Number(draft.uses)
  return words.create.sentence({
    project: projects.find(({ id }) => id === draft.projectId)?.name,
    scopes: draft.scopes === 'all' ? undefined : draft.scopes.map((name) => called.get(name) || name),
    isBound: draft.addresses.trim() !== '',
    rate: rate > 0 ? { uses: rate, seconds: Number(draft.rateWindowSeconds) } : undefined,
    uses: uses > 0 ? uses : undefined,
    until: end === null || end === undefined ? undefined : shortly(end),
  })
}
