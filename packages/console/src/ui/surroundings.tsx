import { createContext, useContext } from 'react'

/** What the pages stand in. */
export interface Surroundings {
  /** The window shows nothing else, so that its title and its main part are those of the page. */
  readonly ownsWindow: boolean
  /** Whether one can go from here to what is at this address. */
  readonly hasPage: (href: string) => boolean
  /** Where questions are drawn, above everything; the end of the body unless said otherwise. */
  readonly layers?: HTMLElement
  /** Asks that what is there stays in sight, whatever else would be drawn in its place, until the answer is called. */
  readonly keepInSight?: () => () => void
}

/** A window of their own, unless said otherwise. */
export const SurroundingsContext = createContext<Surroundings>({ ownsWindow: true, hasPage: () => true })

/** What is said of where this stands. */
export function useSurroundings(): Surroundings {
  return useContext(SurroundingsContext)
}
