import { listProjects, notFound, type Caller, type Project, type ProjectQuery } from '@chatelaine/core'
import type { Service } from '../service.ts'

/** So many are read at once. */
const pageMax = 200

/** Every project in use within the caller's reach, by name. @throws as `listProjects` does. */
export async function liveProjects(
  { ports }: Service,
  caller: Caller,
  sought: Pick<ProjectQuery, 'text'> = {},
): Promise<readonly Project[]> {
  const found: Project[] = []
  const query = { ...sought, status: 'active', limit: pageMax } as const
  let page = await listProjects(ports, caller, query)
  found.push(...page.items)
  while (page.next !== undefined) {
    page = await listProjects(ports, caller, { ...query, after: page.next })
    found.push(...page.items)
  }
  return found
}

/** The one project in use with this serial or uuid. @throws `not-found` */
export async function findLiveProject(
  { ports }: Service,
  caller: Caller,
  named: Required<Pick<ProjectQuery, 'serial'>> | Required<Pick<ProjectQuery, 'uuid'>>,
): Promise<Project> {
  const { items } = await listProjects(ports, caller, { ...named, status: 'active', limit: 1 })
  if (items[0] === undefined) throw notFound('project')
  return items[0]
}
