import type { ComponentProps } from 'react'
import { Link } from 'wouter'

/** `danger` begins what takes something away, `danger-now` does it. */
export type ButtonLook = 'plain' | 'primary' | 'danger' | 'danger-now' | 'quiet'

/** Does something here. While it is at work it cannot be pressed again. */
export function Button({
  look = 'plain',
  isBusy = false,
  disabled,
  ...rest
}: ComponentProps<'button'> & { look?: ButtonLook; isBusy?: boolean }) {
  return (
    <button
      type="button"
      {...rest}
      className={classOf(look)}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
    />
  )
}

/** Leads somewhere, and looks like a button. */
export function ButtonLink({ look = 'plain', href, children }: { look?: ButtonLook; href: string; children: string }) {
  return (
    <Link href={href} className={classOf(look)}>
      {children}
    </Link>
  )
}

function classOf(look: ButtonLook): string {
  return look === 'plain' ? 'button' : `button button-${look}`
}
