import type { ReactNode } from 'react'
import './chip.css'

/** One of several that exclude each other, by mouse and by arrow keys. */
export function Chip({
  name,
  isChosen,
  onChoose,
  children,
}: {
  name: string
  isChosen: boolean
  onChoose: () => void
  children: ReactNode
}) {
  return (
    <label className="chip">
      <input type="radio" name={name} checked={isChosen} onChange={onChoose} />
      {children}
    </label>
  )
}
