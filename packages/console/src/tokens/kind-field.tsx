import { SelectField } from '../ui/field.tsx'
import { words } from '../words/words.ts'
import type { KindFilter } from './token-filters.ts'

const text = words.tokens

/** Of which kind tokens are wanted. */
export function KindField({ kind, onChange }: { kind: KindFilter; onChange: (kind: KindFilter) => void }) {
  return (
    <SelectField label={text.kind} value={kind} onChange={({ target }) => onChange(target.value as KindFilter)}>
      <option value="any">{text.anyKind}</option>
      {Object.entries(text.kinds).map(([value, name]) => (
        <option key={value} value={value}>
          {name}
        </option>
      ))}
    </SelectField>
  )
}
