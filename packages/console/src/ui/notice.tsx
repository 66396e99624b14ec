import type { ReactNode } from 'react'

/** Says something beside what the page is about. A fault is read out at once, the rest when there is time. */
export function Notice({
  kind = 'plain',
  children,
  action,
}: {
  kind?: 'plain' | 'warning' | 'fault'
  children: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={kind === 'plain' ? 'notice' : `notice notice-${kind}`} role={kind === 'fault' ? 'alert' : 'status'}>
      <p>{children}</p>
      {action}
    </div>
  )
}
