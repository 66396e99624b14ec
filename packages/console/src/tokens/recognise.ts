/** The start of a token as lists show it, then what of its id is there beyond that, and the rest. */
const pattern = /(?<![0-9A-Za-z])([a-z][a-z0-9]{1,15}_(?:acc|prj|mgr)_)([0-9A-Za-z]{9,})/

const startIdLength = 8
const idLength = 16

/** What of a token may be known to others. */
export interface Recognised {
  /** As lists show it. */
  readonly start: string
  /** Absent where less than the whole id is there. */
  readonly id: string | undefined
}

/** The token that a text holds, also in part, and whatever stands around it. Nothing secret of it is given back. */
export function recognise(text: string): Recognised | undefined {
  const [, before = '', rest = ''] = pattern.exec(text) ?? []
  if (rest === '') return undefined
  const id = rest.length < idLength ? undefined : `tok_${rest.slice(0, idLength)}`
  return { start: before + rest.slice(0, startIdLength), id }
}

/** As long as nothing is that people write, and as short as secrets are. */
const secretPattern = /[0-9A-Za-z]{32,}/

/**
 * What of a search may leave the browser: of a token its start, of what may be somebody's secret nothing. So whoever
 * pastes a token to find out which one it is sends it nowhere.
 */
export function sendable(search: string): string {
  return recognise(search)?.start ?? (secretPattern.test(search) ? '' : search)
}
