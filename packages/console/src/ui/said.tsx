import { useEffect, useRef } from 'react'
import { Notice } from './notice.tsx'

/**
 * Says how something went, to eyes and ears, and takes the focus: what somebody pressed for it may be gone. With another
 * `key` it is said anew.
 */
export function Said({ children }: { children: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => place.current?.focus(), [])
  return (
    <div ref={place} tabIndex={-1}>
      <Notice>{children}</Notice>
    </div>
  )
}
