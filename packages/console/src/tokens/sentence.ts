import type { Project } from '@chatelaine/sdk'
import { shortly } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import { endOf, type Draft } from './draft.ts'

const text = words.create.sentence

/** What will be made, in one sentence. */
export function sentenceOf(draft: Draft, projects: readonly Project[], now: number): string {
  const project = projects.find(({ id }) => id === draft.projectId)
  const end = endOf(draft.life, now)
  return text({
    project: project?.name,
    scopes: draft.scopes === 'all' ? undefined : draft.scopes.length,
    isBound: draft.addresses.trim() !== '',
    until: end === null || end === undefined ? undefined : shortly(end),
  })
}
