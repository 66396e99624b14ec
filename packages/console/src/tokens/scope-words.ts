import { useCatalogue } from '../catalogue.ts'

/** What the platform calls a scope; the scope itself where it has no words for it, or they are not there yet. */
export function useScopeWords(): (scope: string) => string {
  const known = new Map(useCatalogue().data?.map(({ name, description }) => [name, description]))
  return (scope) => known.get(scope) || scope
}
