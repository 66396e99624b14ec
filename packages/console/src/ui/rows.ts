import { useVirtualizer, useWindowVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useState, type RefObject } from 'react'

/** As high as most rows are; each is measured once it is drawn. */
const rowHeightPx = 60
const rowsBeyondSight = 8

interface Place {
  /** What scrolls the table; `null` where that is the window. */
  readonly scroller: Element | null
  /** How far below the beginning of what is scrolled the table stands. */
  readonly top: number
}

/** The rows of a long table that are in sight, with how much room the others take above and below them. */
export function useRowsInSight(table: RefObject<HTMLElement | null>, keys: readonly string[]) {
  const [{ scroller, top }, setPlace] = useState<Place>({ scroller: null, top: 0 })
  useLayoutEffect(() => setPlace(placeOf(table.current!)), [table, keys.length])
  const options = {
    count: keys.length,
    estimateSize: () => rowHeightPx,
    overscan: rowsBeyondSight,
    scrollMargin: top,
    getItemKey: (index: number) => keys[index]!,
  }
  const inWindow = useWindowVirtualizer<HTMLElement>({ ...options, enabled: scroller === null })
  const inElement = useVirtualizer({ ...options, enabled: scroller !== null, getScrollElement: () => scroller })
  const rows: Pick<
    Virtualizer<never, HTMLElement>,
    'getVirtualItems' | 'getTotalSize' | 'measureElement'
  > = scroller === null ? inWindow : inElement
  const drawn = rows.getVirtualItems()
  return {
    drawn,
    before: (drawn[0]?.start ?? top) - top,
    after: rows.getTotalSize() - ((drawn.at(-1)?.end ?? top) - top),
    measure: rows.measureElement,
  }
}

function placeOf(table: HTMLElement): Place {
  const scroller = scrollerOf(table)
  const fromWindow = table.getBoundingClientRect().top
  if (scroller === null) return { scroller, top: fromWindow + window.scrollY }
  return { scroller, top: fromWindow - scroller.getBoundingClientRect().top + scroller.scrollTop }
}

/** What is scrolled within the window, and not with it; also where that is beyond the shadow root. */
function scrollerOf(table: HTMLElement): Element | null {
  for (let around = parentOf(table); around !== null; around = parentOf(around)) {
    if (around === document.body) return null
    if (/auto|scroll/.test(getComputedStyle(around).overflowY)) return around
  }
  return null
}

function parentOf(element: Element): Element | null {
  const root = element.getRootNode()
  return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null)
}
