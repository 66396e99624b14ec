import { useEffect, type RefObject } from 'react'
import { useSurroundings } from './surroundings.tsx'

/** Where something was shown before. The first page is announced by the browser itself. */
const shownBefore = new WeakSet<Node>()

/**
 * Puts the focus onto the heading of a page that somebody has come to, so that whoever does not see it hears where they
 * are now, and goes on from there by keyboard.
 *
 * @param isPassing Another takes its place at once, and is the one that somebody has come to.
 */
export function useArrival(heading: RefObject<HTMLHeadingElement | null>, isPassing = false): void {
  const { ownsWindow } = useSurroundings()
  useEffect(() => {
    const root = heading.current?.getRootNode()
    if (!(root instanceof Document || root instanceof ShadowRoot)) return
    const isWithin = root.activeElement?.closest('.page, .gate') ?? false
    const isFree = ownsWindow || document.activeElement === document.body
    if (shownBefore.has(root) && isFree && !isWithin) heading.current?.focus({ preventScroll: true })
    if (!isPassing) shownBefore.add(root)
  }, [ownsWindow, heading, isPassing])
}
