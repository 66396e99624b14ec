import type { ReactNode } from 'react'
import { words } from '../words/words.ts'
import './ranking.css'

/** One thing of a ranking. */
export interface Ranked {
  readonly key: string
  readonly name: ReactNode
  /** What else is worth knowing of it. */
  readonly about?: ReactNode
  readonly count: number
}

/** How often things happened, the most often first, each with its share of the first one. */
export function Ranking({ items, look = 'plain' }: { items: readonly Ranked[]; look?: 'plain' | 'fault' }) {
  const most = Math.max(1, ...items.map(({ count }) => count))
  return (
    <ol className={look === 'plain' ? 'ranking' : 'ranking ranking-fault'}>
      {items.map(({ key, name, about, count }) => (
        <li key={key}>
          <span className="ranking-name">
            <span>{name}</span> <span className="muted">{about}</span>
          </span>
          <span className="ranking-count">{words.number(count)}</span>
          <svg aria-hidden="true">
            <rect width={`${(count / most) * 100}%`} height="100%" rx="2" />
          </svg>
        </li>
      ))}
    </ol>
  )
}
