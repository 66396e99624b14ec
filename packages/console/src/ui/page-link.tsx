import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useSurroundings } from './surroundings.tsx'

/** Leads to a page; where there is none to go to, and perhaps no right to know its name, `otherwise` stands there. */
export function PageLink({ href, otherwise, children }: { href: string; otherwise: string; children: ReactNode }) {
  return useSurroundings().hasPage(href) ? <Link href={href}>{children}</Link> : otherwise
}
