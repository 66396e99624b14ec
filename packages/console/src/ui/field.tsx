import { useId, type ComponentProps, type ReactNode } from 'react'

interface About {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong with what stands there, and what to do. */
  readonly fault?: string | undefined
}

/** One line to fill in; a number with what it counts, such as `seconds`, beside it. */
export function TextField({
  label,
  hint,
  fault,
  unit,
  ...input
}: About & ComponentProps<'input'> & { unit?: string | undefined }) {
  return (
    <Field label={label} hint={hint} fault={fault} unit={unit}>
      {(ids) => <input autoComplete="off" {...input} {...ids} className="input" />}
    </Field>
  )
}

/** One of a few. */
export function SelectField({ label, hint, fault, ...select }: About & ComponentProps<'select'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(ids) => <select {...select} {...ids} className="input" />}
    </Field>
  )
}

/** Several lines to fill in. */
export function TextAreaField({ label, hint, fault, ...area }: About & ComponentProps<'textarea'>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(ids) => <textarea {...area} {...ids} className="input" />}
    </Field>
  )
}

interface Ids {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean | undefined
}

function Field({
  label,
  hint,
  fault,
  unit,
  children,
}: About & { readonly unit?: string | undefined; readonly children: (ids: Ids) => ReactNode }) {
  const id = useId()
  const described = [unit && `${id}-unit`, hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ')
  const input = children({
    id,
    'aria-describedby': described || undefined,
    'aria-invalid': fault ? true : undefined,
  })
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {unit ? (
        <span className="row">
          {input} <span id={`${id}-unit`}>{unit}</span>
        </span>
      ) : (
        input
      )}
      {hint && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {fault && (
        <span className="field-fault" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  )
}
