import type { AuditEntry, ListAuditEntriesQuery } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
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

interface Filters {
  readonly actor: string
  readonly subject: string
  readonly action: string
  readonly from: string
  readonly until: string
}

const noFilters: Filters = { actor: '', subject: '', action: '', from: '', until: '' }

/** The log for people: who did what, when and from where, as it happens. */
export function AuditPage() {
  const api = useApi()
  const [filters, setFilters] = useState(noFilters)
  const query = queryOf(filters)
  const list = usePages(
    ['audit', query],
    (cursor, options) => api.audit.page({ ...query, limit: 100, ...cursor }, options),
    { watchEveryMs: 2_000 },
  )
  const change = (part: Partial<Filters>) => setFilters((before) => ({ ...before, ...part }))
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
          value={filters.actor}
          onChange={({ target }) => change({ actor: target.value })}
        />
        <TextField
          label={text.subject}
          value={filters.subject}
          onChange={({ target }) => change({ subject: target.value })}
        />
        <TextField
          label={text.action}
          value={filters.action}
          onChange={({ target }) => change({ action: target.value })}
        />
        <TextField
          label={text.from}
          type="datetime-local"
          value={filters.from}
          onChange={({ target }) => change({ from: target.value })}
        />
        <TextField
          label={text.until}
          type="datetime-local"
          value={filters.until}
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
        <Chain last={list.data?.[0]} />
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
function Chain({ last }: { last: AuditEntry | undefined }) {
  const api = useApi()
  const keys = useQuery({ queryKey: ['audit', 'keys'], queryFn: ({ signal }) => api.audit.getKeys({ signal }) })
  return (
    <>
      <p>{text.chainText}</p>
      <Loaded query={keys}>
        {({ keys: list }) => (
          <Facts
            facts={[
              [text.end, <code key="end">{last?.seq ?? '–'}</code>],
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
    ...(actor.trim() === '' ? {} : { actor: actor.trim() }),
    ...(subject.trim() === '' ? {} : { subject: subject.trim() }),
    ...(action.trim() === '' ? {} : { action: action.trim() }),
    ...(from === '' ? {} : { from: new Date(from).toISOString() }),
    ...(until === '' ? {} : { until: new Date(until).toISOString() }),
  }
}

/** The browser fetches it by itself, with the session, so that a long log is in nobody's memory. */
function exportUrl(query: ListAuditEntriesQuery, format: 'jsonl' | 'csv'): string {
  const parameters = Object.entries({ ...query, format }).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  return `/api/v1/audit/export?${new URLSearchParams(parameters)}`
}
