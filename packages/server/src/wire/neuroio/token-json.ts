import type { Issued, Token } from '@chatelaine/core'

/** How much of a masked key is hidden does not tell how long it is. */
const mask = '*'.repeat(8)

/** A token that has just been made, with its key, the one time. */
export function tokenJson(issued: Issued) {
  return { ...maskedJson(issued.token), ...(issued.repeated ? {} : { key: issued.secret.reveal() }) }
}

/** The five fields, and no more: clients make an object of whatever stands there. */
export function maskedJson({ serial, start, isActive, createdAt, expiresAt }: Token) {
  return {
    id: serial,
    key: start + mask,
    is_active: isActive,
    created: instant(createdAt),
    expires: expiresAt === null ? null : instant(expiresAt),
  }
}

/** With microseconds, of which we count none, and the offset of UTC in figures. */
function instant(at: number): string {
  return new Date(at).toISOString().replace('Z', '000+00:00')
}
