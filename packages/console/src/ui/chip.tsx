import type { ReactNode } from 'react'
import './chip.css'

/** One of several that exclude each other, by mouse and by arrow keys. */
export function Chip({
  name,
  isChosen,
  onChoose,
  note,
  children,
}: {
  name: string
  isChosen: boolean
  onChoose: () => void
  /** What is worth knowing before it is chosen. */
  note?: string | undefined
  children: ReactNode
}) {
  return (
    <label className="chip">
      <input type="radio" name={name} checked={isChosen} onChange={onChoose} />
      {children}
      {note !== undefined && <small className="chip-note"> {note}</small>}
    </label>
  )
}
