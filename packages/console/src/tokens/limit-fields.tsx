import { TextAreaField, TextField } from '../ui/field.tsx'
import { faultAt } from '../ui/form.tsx'
import { words } from '../words/words.ts'
import type { Draft } from './draft.ts'

const text = words.create.limits

/** What bounds a token further, as it is written. */
export type Limits = Pick<Draft, 'addresses' | 'rateLimit' | 'rateWindowSeconds'>

/** From where a token may be used, and how often. */
export function LimitFields({
  limits,
  error,
  onChange,
}: {
  limits: Limits
  /** Why the server refused them. */
  error: Error | null
  onChange: (part: Partial<Limits>) => void
}) {
  return (
    <>
      <TextAreaField
        label={text.addresses}
        hint={text.addressesHint}
        spellCheck={false}
        value={limits.addresses}
        fault={faultAt(error, '/allowed_ips')}
        onChange={({ target }) => onChange({ addresses: target.value })}
      />
      <div className="row">
        <TextField
          label={text.rate}
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          value={limits.rateLimit}
          fault={faultAt(error, '/rate_limit/limit')}
          onChange={({ target }) => onChange({ rateLimit: target.value })}
        />
        <TextField
          label={text.window}
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          value={limits.rateWindowSeconds}
          fault={faultAt(error, '/rate_limit/window_seconds')}
          onChange={({ target }) => onChange({ rateWindowSeconds: target.value })}
        />
      </div>
    </>
  )
}
