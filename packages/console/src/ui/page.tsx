import { useEffect, type ReactNode } from 'react'
import { words } from '../words/words.ts'
import './sheet.css'

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
  useEffect(() => {
    document.title = words.app.title(title)
  }, [title])
  return (
    <main className={isNarrow ? 'page page-narrow' : 'page'} id="main">
      <div className="page-head">
        <h1 tabIndex={-1}>{title}</h1>
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
