import { useEffect, useRef, type ReactNode } from 'react'
import { platformName } from '../words/platform.ts'
import { words } from '../words/words.ts'
import './sheet.css'
import { useSurroundings } from './surroundings.tsx'

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
  const { ownsWindow } = useSurroundings()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (ownsWindow) document.title = words.app.title(title, platformName())
  }, [ownsWindow, title])
  useEffect(() => {
    const root = heading.current?.getRootNode()
    if (!(root instanceof Document || root instanceof ShadowRoot)) return
    // Whoever does not see the page hears where they are now, and goes on from there by keyboard.
    const isWithin = root.activeElement?.closest('.page') ?? false
    const isFree = ownsWindow || document.activeElement === document.body
    if (shownBefore.has(root) && isFree && !isWithin) heading.current?.focus({ preventScroll: true })
    shownBefore.add(root)
  }, [ownsWindow])
  const Whole = ownsWindow ? 'main' : 'section'
  const Title = ownsWindow ? 'h1' : 'h2'
  return (
    <Whole className={isNarrow ? 'page page-narrow' : 'page'} id="main">
      <div className="page-head">
        <Title className="page-title" tabIndex={-1} ref={heading}>
          {title}
        </Title>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </Whole>
  )
}

export function Sheet({ title, children }: { title?: string; children: ReactNode }) {
  const Title = useSurroundings().ownsWindow ? 'h2' : 'h3'
  return (
    <section className="sheet">
      {title !== undefined && <Title className="sheet-title">{title}</Title>}
      {children}
    </section>
  )
}
