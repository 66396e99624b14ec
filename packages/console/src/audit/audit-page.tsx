import type { ListAuditEntriesQuery } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'wouter'
import { useNames } from '../names.ts'
import { useApi } from '../server.tsx'
import { Facts } from '../ui/facts.tsx'
import { SelectField, TextField } from '../ui/field.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Paged, usePages } from '../ui/paged.tsx'
import { Instant } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import './audit.css'
import { Entry } from './entry.tsx'

const text = words.audit

type KnownAction = keyof typeof text.actions

const watchEveryMs = 2_000

/** Of a token that is pasted in place of its id, no more than its beginning has room. */
const idLength = 20
const actorShape = /^(?:acc|tok)_[0-9A-Za-z]{16}$/
const subjectShape = /^(?:(?:acc|prj|tok)_[0-9A-Za-z]{16}|all)$/

/** While an id is being written the log stays as it was. */
function faultOf(written: string, shape: RegExp): string | undefined {
  return written.trim() === '' || shape.test(written.trim()) ? undefined : text.noId
}

const actionGroups = [...Map.groupBy(Object.keys(text.actions) as KnownAction[], (action) => action.split('.')[0]!)]

function isKnown(action: string): boolean {
  return action === '' || action in text.actions
}

const filterNames = ['actor', 'subject', 'action', 'from', 'until'] as const

/** As they are written. Empty: whatever it is. */
type Filters = Readonly<Record<(typeof filterNames)[number], string>>

/** They stand in the address of the page, so that a look at the log can be gone back to and handed on. */
function useFilters(): [filters: Filters, change: (part: Partial<Filters>) => void] {
  const [parameters, setParameters] = useSearchParams()
  const filters = Object.fromEntries(filterNames.map((name) => [name, parameters.get(name) ?? ''])) as Filters
  const change = (part: Partial<Filters>) => {
    const written = Object.entries({ ...filters, ...part }).filter(([, value]) => value !== '')
    setParameters(new URLSearchParams(written), { replace: true })
  }
  return [filters, change]
}

/** The log for people: who did what, when and from where, as it happens. */
export function AuditPage() {
  const api = useApi()
  const nameOf = useNames()
  const [filters, change] = useFilters()
  const query = queryOf(filters)
  const list = usePages(
    ['audit', query],
    (cursor, options) => api.audit.page({ ...query, limit: 100, ...cursor }, options),
    { watchEveryMs },
  )
  return (
    <Page
      title={words.nav.audit}
      actions={
        <>
          <a className="button" href={exportUrl(query, 'jsonl')} download>
            {text.exportSigned}
          </a>
          <a className="button" href={exportUrl(query, 'csv')} download>
            {text.exportCsv}
          </a>
        </>
      }
    >
      <search className="audit-filters">
        <TextField
          label={text.actor}
          maxLength={idLength}
          placeholder={text.actorShape}
          spellCheck={false}
          fault={faultOf(filters.actor, actorShape)}
          value={filters.actor}
          onChange={({ target }) => change({ actor: target.value })}
        />
        <TextField
          label={text.subject}
          maxLength={idLength}
          placeholder={text.subjectShape}
          spellCheck={false}
          fault={faultOf(filters.subject, subjectShape)}
          value={filters.subject}
          onChange={({ target }) => change({ subject: target.value })}
        />
        <SelectField
          label={text.action}
          value={filters.action}
          onChange={({ target }) => change({ action: target.value })}
        >
          <option value="">{text.anyAction}</option>
          {!isKnown(filters.action) && <option value={filters.action}>{filters.action}</option>}
          {actionGroups.map(([group, actions]) => (
            <optgroup key={group} label={text.groups[group as keyof typeof text.groups]}>
              {actions.map((action) => (
                <option key={action} value={action}>
                  {text.actions[action]}
                </option>
              ))}
            </optgroup>
          ))}
        </SelectField>
        <TextField
          label={text.from}
          type="datetime-local"
          value={isTime(filters.from) ? filters.from : ''}
          onChange={({ target }) => change({ from: target.value })}
        />
        <TextField
          label={text.until}
          type="datetime-local"
          value={isTime(filters.until) ? filters.until : ''}
          onChange={({ target }) => change({ until: target.value })}
        />
      </search>
      <Paged list={list} empty={text.none}>
        {(entries) => (
          <ol className="plain-list audit-entries">
            {entries.map((entry) => (
              <Entry key={entry.seq} entry={entry} nameOf={nameOf} />
            ))}
          </ol>
        )}
      </Paged>
      <Sheet title={text.chain}>
        <Chain />
      </Sheet>
    </Page>
  )
}

/** What shows that nobody altered the log. */
function Chain() {
  const api = useApi()
  const last = useQuery({
    queryKey: ['audit', 'end'],
    queryFn: async ({ signal }) => (await api.audit.page({ limit: 1 }, { signal })).data[0] ?? null,
    refetchInterval: watchEveryMs,
  })
  const keys = useQuery({ queryKey: ['audit', 'keys'], queryFn: ({ signal }) => api.audit.getKeys({ signal }) })
  return (
    <>
      <Loaded query={last}>
        {(entry) => (
          <p>
            {entry === null ? text.empty : text.lastEntry(Number(entry.seq.split('.').at(-1)))}
            {entry !== null && <Instant at={entry.at} />}
            {entry !== null && '.'} {keys.data && text.signedWith(keys.data.keys.map(({ key_id: id }) => id))}
          </p>
        )}
      </Loaded>
      <p>{text.chainText}</p>
      <Loaded query={keys}>
        {({ keys: list }) => (
          <Facts
            facts={[
              [text.end, <code key="end">{last.data?.seq ?? '–'}</code>],
              ...list.map(({ key_id: id, public_key: key }) => [text.key(id), <code key={id}>{key}</code>] as const),
            ]}
          />
        )}
      </Loaded>
    </>
  )
}

function queryOf({ actor, subject, action, from, until }: Filters): ListAuditEntriesQuery {
  return {
    ...(actorShape.test(actor.trim()) ? { actor: actor.trim() } : {}),
    ...(subjectShape.test(subject.trim()) ? { subject: subject.trim() } : {}),
    ...(action.trim() === '' ? {} : { action: action.trim() }),
    ...(isTime(from) ? { from: new Date(from).toISOString() } : {}),
    ...(isTime(until) ? { until: new Date(until).toISOString() } : {}),
  }
}

function isTime(written: string): boolean {
  return !Number.isNaN(Date.parse(written))
}

/** The browser fetches it by itself, with the session, so that a long log is in nobody's memory. */
function exportUrl(query: ListAuditEntriesQuery, format: 'jsonl' | 'csv'): string {
  const parameters = Object.entries({ ...query, format }).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  return `/api/v1/audit/export?${new URLSearchParams(parameters)}`
}
