import { useEffect, useRef, type ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { platformName } from '../words/platform.ts'
import { words } from '../words/words.ts'
import { Notice } from './notice.tsx'
import './shell.css'

/** Where the bar leads. */
export interface Section {
  readonly href: string
  readonly name: string
}

/** The bar with the sections above a page. */
export function Shell({
  sections,
  person,
  isOffline,
  children,
}: {
  sections: readonly Section[]
  person: ReactNode
  isOffline: boolean
  children: ReactNode
}) {
  const [location] = useLocation()
  const nav = useRef<HTMLElement>(null)
  useEffect(() => {
    // Where the window is narrow the sections are scrolled, and the one that is shown ought to be in sight. By hand, since
    // after scrollIntoView the first press of Tab would go on from there, past the link that skips to the content.
    const shown = nav.current?.querySelector('[aria-current]')?.getBoundingClientRect()
    const all = nav.current?.getBoundingClientRect()
    if (shown && all) nav.current?.scrollBy({ left: shown.left + shown.width / 2 - all.left - all.width / 2 })
  }, [location])
  return (
    <>
      <a className="skip" href="#main">
        {words.app.skip}
      </a>
      <header className="bar">
        <Link className="brand" href="/">
          {platformName()}
        </Link>
        <nav ref={nav} aria-label={words.nav.label}>
          {sections.map(({ href, name }) => (
            <Link key={href} href={href} aria-current={isWithin(location, href) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <div className="bar-person row">{person}</div>
      </header>
      {isOffline && <Notice kind="warning">{words.app.offline}</Notice>}
      {children}
    </>
  )
}

function isWithin(location: string, href: string): boolean {
  return location === href || location.startsWith(`${href}/`)
}
