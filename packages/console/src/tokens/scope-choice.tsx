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
        <Chip name={name} isChosen={chosen !== 'all'} onChoose={() => onChange([])}>
          {text.some}
        </Chip>
      </div>
      {chosen === 'all' && <p className="muted">{text.allMeans}</p>}
      {chosen !== 'all' && catalogue.length > 0 && (
        <Catalogue chosen={chosen} catalogue={catalogue} onChange={onChange} />
      )}
      {chosen !== 'all' && catalogue.length === 0 && <FreeScopes chosen={chosen} onChange={onChange} />}
    </fieldset>
  )
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
            <div className="row">
              <button type="button" className="scope-shortcut" onClick={() => onChange(without(chosen, scopes))}>
                {text.none}
              </button>
              <button type="button" className="scope-shortcut" onClick={() => onChange(withReading(chosen, scopes))}>
                {text.read}
              </button>
              <button type="button" className="scope-shortcut" onClick={() => onChange(withAll(chosen, scopes))}>
                {text.everyOfGroup}
              </button>
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
                {description === '' ? name : description} <code className="muted">{name}</code>
                {sensitive && <Mark look="warning">{text.sensitive}</Mark>}
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </>
  )
}

function without(chosen: readonly string[], scopes: readonly Scope[]): string[] {
  return chosen.filter((name) => !scopes.some((scope) => scope.name === name))
}

function withAll(chosen: readonly string[], scopes: readonly Scope[]): string[] {
  return [...without(chosen, scopes), ...scopes.map(({ name }) => name)]
}

/** Of a group those scopes whose action is to read. */
function withReading(chosen: readonly string[], scopes: readonly Scope[]): string[] {
  return [...without(chosen, scopes), ...scopes.map(({ name }) => name).filter((name) => name.endsWith(':read'))]
}
