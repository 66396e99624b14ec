import { useEffect, type ReactNode } from 'react'
import { platformName } from '../words/platform.ts'
import { words } from '../words/words.ts'

/** What stands before there is a page: one sheet in the middle of the window. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = words.app.title(title, platformName())
  }, [title])
  return (
    <div className="gate">
      <header className="brand">{platformName()}</header>
      <main className="sheet" id="main">
        <h1>{title}</h1>
        {children}
      </main>
    </div>
  )
}
