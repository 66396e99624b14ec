import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useSurroundings } from './surroundings.tsx'

/** Leads to a page; where there is none to go to, its name stands there alone. */
export function PageLink({ href, children }: { href: string; children: ReactNode }) {
  return useSurroundings().hasPage(href) ? <Link href={href}>{children}</Link> : children
}
