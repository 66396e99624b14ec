import type { Policy, SettingsPreview } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useCatalogue } from '../catalogue.ts'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/field.tsx'
import { faultAt, Form } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { shortly, Timed } from '../ui/time.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { CatalogueEditor, type DrawChoice } from './catalogue-editor.tsx'
import {
  changedFields,
  formOf,
  isReadable,
  pointers,
  policyOf,
  type FlagField,
  type NumberField,
  type PolicyForm,
} from './policy-form.ts'
import { ServerFacts } from './server-facts.tsx'
import './settings.css'

const text = words.settings

/** Policy, the scopes of the platform, and how the server does, for administrators. */
export function SettingsPage({ drawChoice }: { drawChoice: DrawChoice }) {
  const api = useApi()
  const settings = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => api.settings.get({ signal }) })
  const scopes = useCatalogue()
  return (
    <Page title={words.nav.settings}>
      <Sheet title={text.policy}>
        <Loaded query={settings}>{({ policy }) => <PolicyEditor policy={policy} />}</Loaded>
      </Sheet>
      <Sheet title={text.scopes}>
        <Loaded query={scopes}>{(list) => <CatalogueEditor scopes={list} drawChoice={drawChoice} />}</Loaded>
      </Sheet>
      <Sheet title={text.server}>
        <ServerFacts />
      </Sheet>
    </Page>
  )
}

/** What is allowed of tokens. What would change, and what a tighter policy would end, is shown before it is set. */
function PolicyEditor({ policy }: { policy: Policy }) {
  const api = useApi()
  const queries = useQueryClient()
  const [form, setForm] = useState<PolicyForm>(() => formOf(policy))
  const wanted = policyOf(form)
  const changed = changedFields(formOf(policy), form)
  const preview = useMutation({ mutationFn: (asked: Policy) => api.settings.preview({ policy: asked }) })
  const save = useMutation({
    mutationFn: (asked: Policy) => api.settings.replace({ policy: asked }),
    onSuccess: () => queries.invalidateQueries(),
  })
  const change = (part: Partial<PolicyForm>) => {
    preview.reset()
    save.reset()
    setForm((before) => ({ ...before, ...part }))
  }
  const number = (field: NumberField) => (
    <TextField
      label={text.fields[field].label}
      hint={text.fields[field].hint}
      unit={text.fields[field].unit}
      inputMode="decimal"
      maxLength={12}
      fault={isReadable(form, field) ? faultAt(preview.error ?? save.error, pointers[field]) : text.unreadable}
      value={form[field]}
      onChange={({ target }) => change({ [field]: target.value })}
    />
  )
  const flag = (field: FlagField) => (
    <label className="tick">
      <input type="checkbox" checked={form[field]} onChange={({ target }) => change({ [field]: target.checked })} />
      {text.flags[field]}
    </label>
  )
  return (
    <Form
      onSubmit={() => {
        if (wanted !== undefined) preview.mutate(wanted)
      }}
    >
      <div className="policy">
        <fieldset>
          <legend>{text.groups.lifetime}</legend>
          {number('temporaryHours')}
          {number('longestDays')}
        </fieldset>
        <fieldset>
          <legend>{text.groups.count}</legend>
          {number('permanentMax')}
          {number('liveMax')}
        </fieldset>
        <fieldset>
          <legend>{text.groups.rate}</legend>
          {number('rateLimit')}
          {number('rateWindow')}
        </fieldset>
        <fieldset>
          <legend>{text.groups.projects}</legend>
          {flag('membersMayCreate')}
          {flag('membersManageAll')}
          {flag('needsProjectRole')}
        </fieldset>
      </div>
      {preview.isError && <Problem error={preview.error} />}
      {save.isError && <Problem error={save.error} />}
      <div className="row">
        <Button type="submit" disabled={wanted === undefined || changed.length === 0} isBusy={preview.isPending}>
          {text.preview}
        </Button>
        <span role="status">{save.isSuccess ? text.saved : changed.length === 0 && text.inForce}</span>
      </div>
      {preview.data !== undefined && !save.isSuccess && wanted !== undefined && (
        <>
          <Changes fields={changed} before={formOf(policy)} after={form} />
          <Cuts preview={preview.data}>
            <Button look="primary" isBusy={save.isPending} onClick={() => save.mutate(wanted)}>
              {text.set}
            </Button>
          </Cuts>
        </>
      )}
    </Form>
  )
}

/** What would be otherwise than it is. */
function Changes({
  fields,
  before,
  after,
}: {
  fields: readonly (keyof PolicyForm)[]
  before: PolicyForm
  after: PolicyForm
}) {
  return (
    <>
      <h3>{text.changes}</h3>
      <ul className="plain-list">
        {fields.map((field) => {
          if (field in text.flags) {
            const flag = field as FlagField
            return <li key={field}>{text.flagChange(text.flags[flag], after[flag])}</li>
          }
          const { label, unit } = text.fields[field as NumberField]
          return (
            <li key={field}>{text.change(label, unit, before[field as NumberField], after[field as NumberField])}</li>
          )
        })}
      </ul>
    </>
  )
}

const cutsShownMax = 50

/** Which tokens would end, and when, and then the way to do it. */
function Cuts({ preview, children }: { preview: SettingsPreview; children: React.ReactNode }) {
  const { tokens_now: now, tokens_later: later, owner_count: owners, cuts } = preview
  return (
    <>
      <Notice kind={now + later === 0 ? 'plain' : 'warning'}>
        {now + later === 0 ? text.cutsNothing : text.cuts(now, later, owners)}
      </Notice>
      {cuts.length > 0 && (
        <ul className="plain-list">
          {cuts.slice(0, cutsShownMax).map(({ token_id: id, label, ends_at: endsAt }) => (
            <li key={id}>
              {label === '' ? id : label}{' '}
              <span className="muted">
                <Timed at={Date.parse(endsAt)}>{text.cutAt(shortly(Date.parse(endsAt)))}</Timed>
              </span>
            </li>
          ))}
          {cuts.length > cutsShownMax && <li className="muted">{text.cutsMore(cuts.length - cutsShownMax)}</li>}
        </ul>
      )}
      <div>{children}</div>
    </>
  )
}
