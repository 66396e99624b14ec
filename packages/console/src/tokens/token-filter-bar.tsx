import { SelectField, TextField } from '../ui/field.tsx'
import { words } from '../words/words.ts'
import './token-filter-bar.css'

type Sort = keyof typeof words.tokens.sorts

export interface TokenFilters {
  readonly search: string
  readonly kind: 'any' | 'account' | 'project'
  readonly sort: Sort
  readonly showsEnded: boolean
}

export const noFilters: TokenFilters = { search: '', kind: 'any', sort: '-created_at', showsEnded: false }

/** What narrows and sorts a list of tokens. */
export function TokenFilterBar({
  filters,
  onChange,
}: {
  filters: TokenFilters
  onChange: (filters: TokenFilters) => void
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
        onChange={({ target }) => onChange({ ...filters, search: target.value })}
      />
      <SelectField
        label={words.tokens.kind}
        value={filters.kind}
        onChange={({ target }) => onChange({ ...filters, kind: target.value as TokenFilters['kind'] })}
      >
        <option value="any">{words.tokens.anyKind}</option>
        <option value="account">{words.tokens.kinds.account}</option>
        <option value="project">{words.tokens.kinds.project}</option>
      </SelectField>
      <SelectField
        label={words.tokens.sort}
        value={filters.sort}
        onChange={({ target }) => onChange({ ...filters, sort: target.value as Sort })}
      >
        {Object.entries(words.tokens.sorts).map(([sort, name]) => (
          <option key={sort} value={sort}>
            {name}
          </option>
        ))}
      </SelectField>
      <label className="row">
        <input
          type="checkbox"
          checked={filters.showsEnded}
          onChange={({ target }) => onChange({ ...filters, showsEnded: target.checked })}
        />
        {words.tokens.showEnded}
      </label>
    </search>
  )
}
