import { canonicalJson, callerName, fieldFailure, type Caller, type Keys, type PagePosition } from '@chatelaine/core'

/** One list as one caller sees it. A cursor leads on in the list that gave it, and in no other. */
export interface List {
  readonly name: string
  readonly caller: Caller
  /** The query; which page it asks for does not make it another list. */
  readonly query: { readonly cursor?: string; readonly limit: number }
}

/** The cursor of the next page: where this one ended, and a MAC over that and the list. */
export function cursorOf(keys: Keys, list: List, position: PagePosition | undefined): string | null {
  if (position === undefined) return null
  const place = JSON.stringify([position.value, position.serial])
  return `${Buffer.from(place).toString('base64url')}.${keys.mac('cursor', sealedText(list, place))}`
}

/**
 * Where the page that is asked for begins.
 * @throws `invalid-request` for a cursor that this list did not give to this caller.
 */
export function pageStart(keys: Keys, list: List): { after?: PagePosition } {
  const { cursor } = list.query
  if (cursor === undefined) return {}
  const dotAt = cursor.indexOf('.')
  const place = Buffer.from(cursor.slice(0, Math.max(dotAt, 0)), 'base64url').toString()
  if (!keys.macMatches('cursor', sealedText(list, place), cursor.slice(dotAt + 1))) {
    throw fieldFailure('/cursor', 'was not given by this list; leave it out to begin with the first page')
  }
  const [value, serial] = JSON.parse(place) as [PagePosition['value'], number]
  return { after: { value, serial } }
}

function sealedText({ name, caller, query }: List, place: string): string {
  const { cursor: _cursor, limit: _limit, ...filters } = query
  return `${canonicalJson([name, callerName(caller), filters])}\n${place}`
}
