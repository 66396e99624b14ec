import type { Policy, Scope, SettingsPreview } from '@chatelaine/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { TextAreaField, TextField } from '../ui/field.tsx'
import { Form } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { shortly, Timed } from '../ui/time.tsx'
import { Loaded, Problem } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import { formOf, policyOf, type PolicyForm } from './policy-form.ts'
import { ServerFacts } from './server-facts.tsx'

const text = words.settings

/** Policy, the scopes of the platform, and how the server does, for administrators. */
export function SettingsPage() {
  const api = useApi()
  const settings = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => api.settings.get({ signal }) })
  const scopes = useQuery({ queryKey: ['scopes'], queryFn: ({ signal }) => api.settings.listScopes({ signal }) })
  return (
    <Page title={words.nav.settings} isNarrow>
      <Sheet title={text.policy}>
        <Loaded query={settings}>{({ policy }) => <PolicyEditor policy={policy} />}</Loaded>
      </Sheet>
      <Sheet title={text.scopes}>
        <Loaded query={scopes}>{(list) => <ScopesEditor scopes={list} />}</Loaded>
      </Sheet>
      <Sheet title={text.server}>
        <ServerFacts />
      </Sheet>
    </Page>
  )
}

/** What is allowed of tokens. What a tighter policy would end is shown before it is set. */
function PolicyEditor({ policy }: { policy: Policy }) {
  const api = useApi()
  const queries = useQueryClient()
  const [form, setForm] = useState<PolicyForm>(() => formOf(policy))
  const wanted = policyOf(form)
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
  const number = (
    field: 'temporaryHours' | 'longestDays' | 'permanentMax' | 'liveMax' | 'rateLimit' | 'rateWindow',
  ) => (
    <TextField
      label={text.fields[field].label}
      hint={text.fields[field].hint}
      inputMode="decimal"
      value={form[field]}
      onChange={({ target }) => change({ [field]: target.value })}
    />
  )
  const flag = (field: 'membersMayCreate' | 'membersManageAll' | 'needsProjectRole') => (
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
      {number('temporaryHours')}
      {number('longestDays')}
      {number('permanentMax')}
      {number('liveMax')}
      <div className="row">
        {number('rateLimit')}
        {number('rateWindow')}
      </div>
      {flag('membersMayCreate')}
      {flag('membersManageAll')}
      {flag('needsProjectRole')}
      {wanted === undefined && <Notice kind="warning">{text.unreadable}</Notice>}
      {preview.isError && <Problem error={preview.error} />}
      {save.isError && <Problem error={save.error} />}
      <div className="row">
        <Button type="submit" disabled={wanted === undefined} isBusy={preview.isPending}>
          {text.preview}
        </Button>
        <span role="status">{save.isSuccess && text.saved}</span>
      </div>
      {preview.data !== undefined && !save.isSuccess && wanted !== undefined && (
        <Cuts preview={preview.data}>
          <Button look="primary" isBusy={save.isPending} onClick={() => save.mutate(wanted)}>
            {text.set}
          </Button>
        </Cuts>
      )}
    </Form>
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

/** The catalogue as lines: one scope each, its group, its words, and whether it is sensitive. */
function ScopesEditor({ scopes }: { scopes: readonly Scope[] }) {
  const api = useApi()
  const queries = useQueryClient()
  const [lines, setLines] = useState(() => scopes.map(lineOf).join('\n'))
  const save = useMutation({
    mutationFn: () => api.settings.replaceScopes({ scopes: lines.split('\n').flatMap(scopeOf) }),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <Form onSubmit={() => save.mutate()}>
      <p className="muted">{text.scopesAbout}</p>
      <TextAreaField
        label={text.scopesLabel}
        hint={text.scopesHint}
        spellCheck={false}
        rows={8}
        value={lines}
        onChange={({ target }) => setLines(target.value)}
      />
      {save.isError && <Problem error={save.error} />}
      <div className="row">
        <Button type="submit" isBusy={save.isPending}>
          {words.app.save}
        </Button>
        <span role="status">{save.isSuccess && text.saved}</span>
      </div>
    </Form>
  )
}

function lineOf({ name, group = '', description, sensitive }: Scope): string {
  return [name, group, description, ...(sensitive ? ['sensitive'] : [])].join(' | ')
}

function scopeOf(line: string): Scope[] {
  if (line.trim() === '') return []
  const [name = '', group = '', description = '', mark = ''] = line.split('|').map((part) => part.trim())
  return [{ name, description, group, ...(mark === 'sensitive' ? { sensitive: true } : {}) }]
}
