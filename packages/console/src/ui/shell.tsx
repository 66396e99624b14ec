import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { words } from '../words/words.ts'
import { Notice } from './notice.tsx'
import './shell.css'

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
  return (
    <>
      <a className="skip" href="#main">
        {words.app.skip}
      </a>
      <header className="bar">
        <Link className="bar-brand" href="/">
          {words.app.name}
        </Link>
        <nav aria-label={words.nav.label}>
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
