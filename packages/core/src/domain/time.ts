/** An instant in milliseconds since the Unix epoch, UTC. Always passed in: the core has no clock. */
export type EpochMs = number

export const secondMs = 1_000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs
export const dayMs = 24 * hourMs

/** The last instant that RFC 3339 can write with a year of four digits. */
export const latestAt: EpochMs = 253_402_300_799_999

/** The earlier of two instants, where `null` means never. */
export function earlier(a: EpochMs | null, b: EpochMs | null): EpochMs | null {
  if (a === null) return b
  if (b === null) return a
  return Math.min(a, b)
}

/** Whether `a` comes strictly after `b`, where `null` means never and is after everything else. */
export function isLater(a: EpochMs | null, b: EpochMs | null): boolean {
  if (b === null) return false
  return a === null || a > b
}

/** RFC 3339, UTC, with milliseconds. */
export function formatInstant(at: EpochMs): string {
  return new Date(at).toISOString()
}

/** Like `formatInstant`, where `null` means never or not yet. */
export function formatInstantOrNull(at: EpochMs | null): string | null {
  return at === null ? null : formatInstant(at)
}
