import { useEffect, useRef, type ReactNode } from 'react'
import { platformName } from '../words/platform.ts'
import { words } from '../words/words.ts'
import { useArrival } from './arrival.ts'
import './sheet.css'
import { useSurroundings } from './surroundings.tsx'

/** One page: its name, which is the window's too, what can be done there, and what stands below. */
export function Page({
  title,
  actions,
  isNarrow = false,
  isPassing = false,
  children,
}: {
  title: string
  actions?: ReactNode
  isNarrow?: boolean
  /** Whether it stands for one that is on its way. */
  isPassing?: boolean
  children: ReactNode
}) {
  const { ownsWindow } = useSurroundings()
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (ownsWindow) document.title = words.app.title(title, platformName())
  }, [ownsWindow, title])
  useArrival(heading, isPassing)
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

/** A part of a page that stands by itself. */
export function Sheet({ title, children }: { title?: string; children: ReactNode }) {
  const Title = useSurroundings().ownsWindow ? 'h2' : 'h3'
  return (
    <section className="sheet">
      {title !== undefined && <Title className="sheet-title">{title}</Title>}
      {children}
    </section>
  )
}
