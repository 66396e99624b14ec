import type { ReactNode } from 'react'
import './mark.css'

/** A word beside a thing that says what is special about it; a warning where somebody ought to look. */
export function Mark({ look = 'plain', children }: { look?: 'plain' | 'warning'; children: ReactNode }) {
  return <span className={look === 'plain' ? 'mark' : 'mark mark-warning'}>{children}</span>
}
