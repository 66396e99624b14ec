import { isProblem } from '@chatelaine/sdk'
import type { ReactNode } from 'react'

/** Fields one below the other. What was filled in is handed on, and the page stays where it is. */
export function Form({ onSubmit, children }: { onSubmit: (filled: FormData) => void; children: ReactNode }) {
  return (
    <form
      className="sheet-form"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit(new FormData(event.currentTarget))
      }}
    >
      {children}
    </form>
  )
}

/** What a person wrote into a field of a form; empty where there is no such field. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value : ''
}

/**
 * What the server found wrong with a field of the request, or with something in it.
 *
 * @param pointer The field's JSON pointer, such as `/allowed_ips`.
 */
export function faultAt(error: Error | null, pointer: string): string | undefined {
  if (!isProblem(error)) return undefined
  return error.faults.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.detail
}
