import type { Scope } from '@chatelaine/sdk'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { memo, useEffect, useRef, useState, type ReactNode } from 'react'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { SelectField, TextAreaField, TextField } from '../ui/field.tsx'
import { faultAt, Form } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import './catalogue-editor.css'
import {
  emptyRow,
  isWritten,
  rowOf,
  rowsIn,
  scopeOf,
  takenBy,
  textOf,
  type ScopeRow,
  type Taken,
} from './catalogue-rows.ts'

const text = words.settings.catalogue

/** Draws scopes as people choose from them. */
export type DrawChoice = (choice: {
  readonly catalogue: readonly Scope[]
  readonly chosen: 'all' | readonly string[]
  readonly onChange: (chosen: 'all' | readonly string[]) => void
}) => ReactNode

/** The scopes of the platform, one a row. What tokens would lose is said before it is saved. */
export function CatalogueEditor({ scopes, drawChoice }: { scopes: readonly Scope[]; drawChoice: DrawChoice }) {
  const api = useApi()
  const queries = useQueryClient()
  const form = useRef<HTMLDivElement>(null)
  const [rows, setRows] = useState<readonly ScopeRow[]>(() => (scopes.length === 0 ? [emptyRow()] : scopes.map(rowOf)))
  const add = useRef<HTMLButtonElement>(null)
  const [added, setAdded] = useState<number>()
  const [isText, setText] = useState(false)
  const save = useMutation({
    mutationFn: (asked: readonly ScopeRow[]) => api.settings.replaceScopes({ scopes: asked.map(scopeOf) }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const { error, variables: sent } = save
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [error])
  const written = rows.filter(isWritten)
  const isSaved =
    save.isSuccess && written.length === sent?.length && written.every((row, index) => row === sent[index])
  const [changeRow] = useState(() => (row: ScopeRow) => {
    setRows((before) => before.map((one) => (one.key === row.key ? row : one)))
  })
  const [removeRow] = useState(() => (key: number) => {
    setRows((before) => before.filter((row) => row.key !== key))
    // What was pressed is gone; whoever is here by keyboard goes on at the end of the rows.
    add.current?.focus()
  })
  const taken = takenBy(rows, scopes)
  return (
    <>
      <p className="muted">{text.about}</p>
      {isText ? (
        <AsText
          rows={rows}
          onDone={(after) => {
            setText(false)
            if (after !== undefined) setRows(after)
          }}
        />
      ) : (
        <div ref={form}>
          <Form onSubmit={() => save.mutate(written)}>
            <div className="scope-rows">
              {rows.map((row, index) => {
                // A row that was changed since is another object: what was wrong with it may not be any more.
                const place = error && sent ? sent.indexOf(row) : -1
                const fault = (field: string) => (place === -1 ? undefined : faultAt(error, `/scopes/${place}${field}`))
                return (
                  <Row
                    key={row.key}
                    row={row}
                    number={index + 1}
                    isNew={row.key === added}
                    nameFault={fault('/name')}
                    groupFault={fault('/group')}
                    descriptionFault={fault('/description')}
                    onChange={changeRow}
                    onRemove={removeRow}
                  />
                )
              })}
            </div>
            <div className="row">
              <Button
                ref={add}
                onClick={() => {
                  const row = emptyRow()
                  setAdded(row.key)
                  setRows([...rows, row])
                }}
              >
                {text.add}
              </Button>
              <Button look="quiet" onClick={() => setText(true)}>
                {text.asText}
              </Button>
            </div>
            {scopes.length === 0 && written.length > 0 && <Notice kind="warning">{text.first}</Notice>}
            {taken.length > 0 && (
              <TakenAway
                taken={taken}
                onPutBack={(scope) => {
                  const isThere = rows.some(({ name }) => name.trim() === scope.name)
                  const kept = rowOf(scope)
                  setRows(isThere ? rows.map((row) => (row.name.trim() === scope.name ? kept : row)) : [...rows, kept])
                }}
              />
            )}
            {error && <Problem error={error} />}
            <div className="row">
              <Button type="submit" look="primary" disabled={written.length === 0} isBusy={save.isPending}>
                {words.app.save}
              </Button>
              <span role="status">{isSaved && text.saved}</span>
            </div>
          </Form>
        </div>
      )}
      <Preview scopes={written.map(scopeOf)} drawChoice={drawChoice} />
    </>
  )
}

const kindChoices = { both: ['account', 'project'], account: ['account'], project: ['project'] } as const

const Row = memo(function Row({
  row,
  number,
  isNew,
  nameFault,
  groupFault,
  descriptionFault,
  onChange,
  onRemove,
}: {
  row: ScopeRow
  number: number
  /** Somebody has just asked for it, and goes on there. */
  isNew: boolean
  nameFault: string | undefined
  groupFault: string | undefined
  descriptionFault: string | undefined
  onChange: (row: ScopeRow) => void
  onRemove: (key: number) => void
}) {
  const name = row.name.trim() === '' ? text.row(number) : row.name
  return (
    <div className="scope-row" role="group" aria-label={name}>
      <TextField
        label={text.name}
        placeholder="reports:read"
        spellCheck={false}
        autoFocus={isNew}
        value={row.name}
        fault={nameFault}
        onChange={({ target }) => onChange({ ...row, name: target.value })}
      />
      <TextField
        label={text.words}
        maxLength={256}
        value={row.description}
        fault={descriptionFault}
        onChange={({ target }) => onChange({ ...row, description: target.value })}
      />
      <TextField
        label={text.group}
        maxLength={64}
        value={row.group}
        fault={groupFault}
        onChange={({ target }) => onChange({ ...row, group: target.value })}
      />
      <SelectField
        label={text.heldBy}
        value={row.kinds.length > 1 ? 'both' : row.kinds[0]}
        onChange={({ target }) => onChange({ ...row, kinds: kindChoices[target.value as keyof typeof kindChoices] })}
      >
        {Object.entries(text.holders).map(([value, holder]) => (
          <option key={value} value={value}>
            {holder}
          </option>
        ))}
      </SelectField>
      <label className="tick">
        <input
          type="checkbox"
          checked={row.isSensitive}
          onChange={({ target }) => onChange({ ...row, isSensitive: target.checked })}
        />
        {text.sensitive}
      </label>
      <Button look="quiet" aria-label={text.removeNamed(name)} onClick={() => onRemove(row.key)}>
        {text.remove}
      </Button>
    </div>
  )
})

/** The way in for a list that somebody has already. */
function AsText({
  rows,
  onDone,
}: {
  rows: readonly ScopeRow[]
  onDone: (rows: readonly ScopeRow[] | undefined) => void
}) {
  const [lines, setLines] = useState(() => textOf(rows))
  return (
    <Form onSubmit={() => onDone(rowsIn(lines, rows))}>
      <TextAreaField
        label={text.lines}
        hint={text.linesHint}
        spellCheck={false}
        rows={10}
        autoFocus
        value={lines}
        onChange={({ target }) => setLines(target.value)}
      />
      <div className="row">
        <Button type="submit">{text.intoRows}</Button>
        <Button look="quiet" onClick={() => onDone(undefined)}>
          {words.app.cancel}
        </Button>
      </div>
    </Form>
  )
}

function TakenAway({ taken, onPutBack }: { taken: readonly Taken[]; onPutBack: (scope: Scope) => void }) {
  return (
    <>
      <Notice kind="warning">{text.takes}</Notice>
      <ul className="plain-list">
        {taken.map(({ scope, from }) => (
          <li className="row" key={`${scope.name} ${from}`}>
            <span>
              <code>{scope.name}</code> {text.takenFrom[from]}
            </span>
            <Button look="quiet" aria-label={text.putBackNamed(scope.name)} onClick={() => onPutBack(scope)}>
              {text.putBack}
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** How people will find the scopes where they make a token. */
function Preview({ scopes, drawChoice }: { scopes: readonly Scope[]; drawChoice: DrawChoice }) {
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState<'all' | readonly string[]>(() => scopes.slice(0, 1).map(({ name }) => name))
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{text.preview}</summary>
      {isOpen && (
        <div className="scope-preview">
          {drawChoice({
            catalogue: scopes.filter(({ name }) => name !== '').toSorted(byName),
            chosen,
            onChange: setChosen,
          })}
        </div>
      )}
    </details>
  )
}

/** As the API lists them. */
function byName(one: Scope, other: Scope): number {
  return one.name < other.name ? -1 : 1
}
