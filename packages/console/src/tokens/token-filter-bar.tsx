import { SelectField, TextField } from '../ui/field.tsx'
import { words } from '../words/words.ts'
import './token-filter-bar.css'
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
      {hasKinds && (
        <SelectField
          label={words.tokens.kind}
          value={filters.kind}
          onChange={({ target }) => onChange({ kind: target.value as TokenFilters['kind'] })}
        >
          <option value="any">{words.tokens.anyKind}</option>
          <option value="account">{words.tokens.kinds.account}</option>
          <option value="project">{words.tokens.kinds.project}</option>
        </SelectField>
      )}
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
