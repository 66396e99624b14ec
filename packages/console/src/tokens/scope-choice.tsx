import type { Scope } from '@chatelaine/sdk'
import { useId, useState } from 'react'
import { TextField } from '../ui/field.tsx'
import { Chip } from '../ui/chip.tsx'
import { Mark } from '../ui/mark.tsx'
import { words } from '../words/words.ts'
import './scope-choice.css'

const text = words.create.scopes

type Chosen = 'all' | readonly string[]

/** What the token may do: everything, or scopes out of the platform's catalogue, or by their names where it has none. */
export function ScopeChoice({
  chosen,
  catalogue,
  onChange,
}: {
  chosen: Chosen
  catalogue: readonly Scope[]
  onChange: (chosen: Chosen) => void
}) {
  const name = useId()
  return (
    <fieldset className="choice">
      <legend>{text.legend}</legend>
      <div className="chips">
        <Chip name={name} isChosen={chosen === 'all'} onChoose={() => onChange('all')}>
          {text.all}
        </Chip>
        <Chip name={name} isChosen={chosen !== 'all'} onChoose={() => onChange(chosen === 'all' ? [] : chosen)}>
          {text.some}
        </Chip>
      </div>
      {chosen === 'all' && <p className="muted">{text.allMeans}</p>}
      {chosen !== 'all' && catalogue.length > 0 && (
        <Catalogue chosen={chosen} catalogue={catalogue} onChange={onChange} />
      )}
      {chosen !== 'all' && catalogue.length === 0 && <FreeScopes chosen={chosen} onChange={onChange} />}
      {chosen !== 'all' && chosen.length === 0 && (
        <p className="field-fault" aria-live="polite">
          {text.chooseOne}
        </p>
      )}
    </fieldset>
  )
}

/** The catalogue, and below it those scopes of the server's own that a link asked for or a token has. */
export function withReserved(catalogue: readonly Scope[], asked: Chosen): readonly Scope[] {
  if (catalogue.length === 0 || asked === 'all') return catalogue
  const others = asked.filter((scope) => !catalogue.some(({ name }) => name === scope))
  return [...catalogue, ...others.map((name) => ({ name, description: '', sensitive: false }))]
}

/** Where the platform has named no scopes they are written by hand. */
function FreeScopes({ chosen, onChange }: { chosen: readonly string[]; onChange: (chosen: Chosen) => void }) {
  const [written, setWritten] = useState(chosen.join(' '))
  return (
    <TextField
      label={text.written}
      hint={text.writtenHint}
      spellCheck={false}
      value={written}
      onChange={({ target }) => {
        setWritten(target.value)
        onChange(target.value.split(/[\s,]+/).filter((scope) => scope !== ''))
      }}
    />
  )
}

function Catalogue({
  chosen,
  catalogue,
  onChange,
}: {
  chosen: readonly string[]
  catalogue: readonly Scope[]
  onChange: (chosen: Chosen) => void
}) {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const found = catalogue.filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
  const groups = Map.groupBy(found, ({ group = '' }) => group)
  return (
    <>
      {catalogue.length > 8 && (
        <TextField
          label={text.search}
          type="search"
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
      )}
      {found.length === 0 && <p>{text.noneFound}</p>}
      {[...groups].map(([group, scopes]) => (
        <fieldset className="scope-group" key={group}>
          <legend>{group === '' ? text.ungrouped : group}</legend>
          {scopes.length > 1 && (
            <div className="row" role="group" aria-label={text.shortcuts(group === '' ? text.ungrouped : group)}>
              {shortcutsOf(scopes).map(({ name, part }) => {
                const after = [...chosen.filter((scope) => !scopes.some(({ name: one }) => one === scope)), ...part]
                return (
                  <button
                    key={name}
                    type="button"
                    className="scope-shortcut"
                    aria-pressed={after.length === chosen.length && part.every((scope) => chosen.includes(scope))}
                    onClick={() => onChange(after)}
                  >
                    {name}
                  </button>
                )
              })}
            </div>
          )}
          {scopes.map(({ name, description, sensitive }) => (
            <label className="scope" key={name}>
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={({ target }) =>
                  onChange(target.checked ? [...chosen, name] : chosen.filter((scope) => scope !== name))
                }
              />
              <span>
                {description === '' ? name : description} <code className="muted">{name}</code>{' '}
                {sensitive && <Mark look="warning">{text.sensitive}</Mark>}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </>
  )
}

/** What is often chosen of a group: none of it, what reads, everything. Where nothing or all of it reads, the middle is left out. */
function shortcutsOf(scopes: readonly Scope[]): { name: string; part: readonly string[] }[] {
  const all = scopes.map(({ name }) => name)
  const reading = all.filter((name) => name.endsWith(':read'))
  const isSplit = reading.length > 0 && reading.length < all.length
  return [
    { name: text.none, part: [] },
    ...(isSplit ? [{ name: text.read, part: reading }] : []),
    { name: isSplit ? text.readAndWrite : text.everyOfGroup, part: all },
  ]
}
