import type { LogPlace } from '@chatelaine/core'
import { all, together, type Steps } from '../sql/steps.ts'

/**
 * What this process knows of the log: how far it was told of it, and what it wrote itself. A log that does not hold that
 * is another one: somebody put the database back to an earlier state while instances run.
 */
export class KnownLog {
  #told: LogPlace | undefined
  #wrote: LogPlace | undefined

  /** What the log has to hold. Of one epoch the later place stands for both. */
  get places(): readonly LogPlace[] {
    const [told, wrote] = [this.#told, this.#wrote]
    if (told === undefined || wrote === undefined) return [told ?? wrote].filter((place) => place !== undefined)
    if (told.epoch !== wrote.epoch) return [told, wrote]
    return [told.seq > wrote.seq ? told : wrote]
  }

  /** Whoever follows the log begins anew here, once what was written before is part of it or was seen to. */
  begin(place: LogPlace): void {
    this.#told = place
    this.#wrote = undefined
  }

  /** Whoever follows the log is told of it up to here. */
  tell(place: LogPlace): void {
    this.#told = place
  }

  wrote(place: LogPlace): void {
    this.#wrote = place
  }
}

/** Whether the log holds all of these places. */
export function* holds(places: readonly LogPlace[]): Steps<boolean> {
  const found = yield* together(
    places
      .filter(({ seq }) => seq > 0)
      .map(({ seq, chain }) => all('SELECT 1 AS held FROM changes WHERE seq = ? AND chain = ?', seq, chain)),
  )
  return found.every((rows) => rows.length === 1)
}
