import { useEffect, useRef, type ReactNode } from 'react'
import { platformName } from '../words/platform.ts'
import { words } from '../words/words.ts'
import { useArrival } from './arrival.ts'

/** What stands before there is a page: one sheet in the middle of the window. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useArrival(heading)
  useEffect(() => {
    document.title = words.app.title(title, platformName())
  }, [title])
  return (
    <div className="gate">
      <header className="brand">{platformName()}</header>
      <main className="sheet" id="main">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {children}
      </main>
    </div>
  )
}
