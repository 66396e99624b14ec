/** What of a whole token may be known to others: its id, and how it is shown in lists. */
export interface Recognised {
  readonly id: string
  readonly start: string
}

const pattern = /^([a-z][a-z0-9]{1,15}_(?:acc|prj|mgr)_)([0-9A-Za-z]{16})[0-9A-Za-z]{38}$/

/**
 * The token that a text is, if it is a whole one. Only what is public of it is given back, so that whoever pastes a
 * token to find out which one it is sends it nowhere.
 */
export function recognise(text: string): Recognised | undefined {
  const [, before = '', id = ''] = pattern.exec(text.trim()) ?? []
  return id === '' ? undefined : { id: `tok_${id}`, start: before + id.slice(0, 8) }
}
