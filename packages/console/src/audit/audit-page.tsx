import type { AuditEntry, ListAuditEntriesQuery } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'wouter'
import { useApi } from '../server.tsx'
import { Facts } from '../ui/facts.tsx'
import { TextField } from '../ui/field.tsx'
import { Mark } from '../ui/mark.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Paged, usePages } from '../ui/paged.tsx'
import { Instant } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'
import './audit.css'

const text = words.audit

const watchEveryMs = 2_000

/** Of a token that is pasted in place of its id, no more than its beginning has room. */
const idLength = 20
const actorShape = /^(?:acc|tok)_[0-9A-Za-z]{16}$/
const subjectShape = /^(?:(?:acc|prj|tok)_[0-9A-Za-z]{16}|all)$/

/** While an id is being written the log stays as it was. */
function faultOf(written: string, shape: RegExp): string | undefined {
  return written.trim() === '' || shape.test(written.trim()) ? undefined : text.noId
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
          fault={faultOf(filters.actor, actorShape)}
          value={filters.actor}
          onChange={({ target }) => change({ actor: target.value })}
        />
        <TextField
          label={text.subject}
          maxLength={idLength}
          fault={faultOf(filters.subject, subjectShape)}
          value={filters.subject}
          onChange={({ target }) => change({ subject: target.value })}
        />
        <TextField
          label={text.action}
          maxLength={64}
          value={filters.action}
          onChange={({ target }) => change({ action: target.value })}
        />
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
              <Entry key={entry.seq} entry={entry} />
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

function Entry({ entry }: { entry: AuditEntry }) {
  const { at, actor, action, subject, effect, details } = entry
  const who = actor.account_id ?? actor.token_id ?? text.actors[actor.type]
  return (
    <li className="audit-entry">
      <Instant at={at} />
      <span>
        <strong>{action}</strong> {effect === 'takes' && <Mark look="warning">{text.takes}</Mark>}{' '}
        <SubjectLink subject={subject} />
        <br />
        <span className="muted">
          {who}
          {actor.token_id !== null && actor.account_id !== null && ` · ${actor.token_id}`}
          {actor.ip !== null && ` · ${actor.ip}`}
          {actor.client !== null && ` · ${actor.client}`}
        </span>
        {Object.keys(details).length > 0 && (
          <details>
            <summary>{text.details}</summary>
            <pre className="audit-details" tabIndex={0}>
              {JSON.stringify(details, undefined, 2)}
            </pre>
          </details>
        )}
      </span>
      <code className="muted">{entry.seq.split('.').at(-1)}</code>
    </li>
  )
}

const pageOf: Readonly<Record<string, string>> = { token: '/tokens', account: '/accounts', project: '/projects' }

function SubjectLink({ subject: { type, id } }: { subject: AuditEntry['subject'] }) {
  const page = pageOf[type]
  return page === undefined ? <code>{id}</code> : <Link href={`${page}/${id}`}>{id}</Link>
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
