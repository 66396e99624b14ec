import { useEffect, useRef, type ReactNode } from 'react'
import { words } from '../words/words.ts'
import './sheet.css'

/** Where a page was shown before. The first one is announced by the browser itself. */
const shownBefore = new WeakSet<Node>()

/** One page: its name, which is the window's too, what can be done there, and what stands below. */
export function Page({
  title,
  actions,
  isNarrow = false,
  children,
}: {
  title: string
  actions?: ReactNode
  isNarrow?: boolean
  children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = words.app.title(title)
  }, [title])
  useEffect(() => {
    const root = heading.current?.getRootNode()
    if (!(root instanceof Document || root instanceof ShadowRoot)) return
    // Whoever does not see the page hears where they are now, and goes on from there by keyboard.
    const isWithin = root.activeElement?.closest('main') ?? false
    if (shownBefore.has(root) && !isWithin) heading.current?.focus({ preventScroll: true })
    shownBefore.add(root)
  }, [])
  return (
    <main className={isNarrow ? 'page page-narrow' : 'page'} id="main">
      <div className="page-head">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </main>
  )
}

export function Sheet({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <section className="sheet">
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </section>
  )
}
