import { conditions } from '../conditions.ts'
import { SelectField, TextField } from '../ui/field.tsx'
import { words } from '../words/words.ts'
import './token-filter-bar.css'
import { KindField } from './kind-field.tsx'
import type { TokenFilters } from './token-filters.ts'

/** What narrows and sorts a list of tokens. */
export function TokenFilterBar({
  filters,
  hasKinds,
  onChange,
}: {
  filters: TokenFilters
  /** Whether the list holds tokens of several kinds. */
  hasKinds: boolean
  onChange: (part: Partial<TokenFilters>) => void
}) {
  return (
    <search className="token-filters">
      <TextField
        label={words.tokens.search}
        hint={words.tokens.searchHint}
        type="search"
        maxLength={256}
        spellCheck={false}
        value={filters.search}
        onChange={({ target }) => onChange({ search: target.value })}
      />
      {hasKinds && <KindField kind={filters.kind} onChange={(kind) => onChange({ kind })} />}
      <SelectField
        label={words.tokens.filter}
        value={filters.condition}
        onChange={({ target }) => onChange({ condition: target.value as TokenFilters['condition'] })}
      >
        <option value="any">{words.tokens.unfiltered}</option>
        {conditions.map((condition) => (
          <option key={condition} value={condition}>
            {words.tokens.conditions[condition]}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={words.tokens.sort}
        value={filters.sort}
        onChange={({ target }) => onChange({ sort: target.value as TokenFilters['sort'] })}
      >
        {Object.entries(words.tokens.sorts).map(([sort, name]) => (
          <option key={sort} value={sort}>
            {name}
          </option>
        ))}
      </SelectField>
      <label className="tick">
        <input
          type="checkbox"
          checked={filters.showsEnded}
          onChange={({ target }) => onChange({ showsEnded: target.checked })}
        />
        {words.tokens.showEnded}
      </label>
    </search>
  )
}
