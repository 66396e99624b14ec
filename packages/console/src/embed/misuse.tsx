import { useEffect, type ReactNode } from 'react'
import { Notice } from '../ui/notice.tsx'

/** What is wrong with how the element is used, for whoever builds the page: in its place, and on the browser's console. */
export function Misuse({ children, action }: { children: string; action?: ReactNode }) {
  useEffect(() => console.error(`<chatelaine-tokens> ${children}`), [children])
  return (
    <Notice kind="fault" action={action}>
      {children}
    </Notice>
  )
}
