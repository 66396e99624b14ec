import type { AuditEntry } from '@chatelaine/sdk'
import { Link } from 'wouter'
import { Facts } from '../ui/facts.tsx'
import { Mark } from '../ui/mark.tsx'
import { Instant, exactly } from '../ui/time.tsx'
import { words } from '../words/words.ts'

const text = words.audit

type NameOf = (id: string) => string | undefined

/** One thing that happened: in words for whoever reads, with codes and ids for whoever searches. */
export function Entry({ entry, nameOf }: { entry: AuditEntry; nameOf: NameOf }) {
  const { at, actor, action, effect, details } = entry
  const who = actor.account_id ?? actor.token_id
  const ids = (['account_id', 'token_id'] as const).filter((name) => actor[name] !== null)
  return (
    <li className="audit-entry">
      <Instant at={at} />
      <div>
        <p className="audit-what">
          <strong>{text.actions[action as keyof typeof text.actions] ?? action}</strong>
          <Subject entry={entry} nameOf={nameOf} />
          {effect === 'takes' && <Mark look="warning">{text.takes}</Mark>}
        </p>
        <p className="muted">
          {[who === null ? text.actors[actor.type] : (nameOf(who) ?? who), actor.ip, actor.client]
            .filter((part) => part !== null)
            .join(' · ')}
        </p>
        <details>
          <summary>{text.details}</summary>
          <Facts
            facts={[
              [text.code, <code key="code">{action}</code>],
              ...ids.map((name) => [text.byWhom[name], <code key={name}>{actor[name]}</code>] as const),
              ...Object.entries(details).map(([name, value]) => [inWords(name), told(value, nameOf)] as const),
            ]}
          />
        </details>
      </div>
      <code className="muted">{entry.seq.split('.').at(-1)}</code>
    </li>
  )
}

const pageOf: Readonly<Record<string, string>> = { token: '/tokens', account: '/accounts', project: '/projects' }

function Subject({ entry: { subject, details }, nameOf }: { entry: AuditEntry; nameOf: NameOf }) {
  const page = pageOf[subject.type]
  if (page === undefined) return null
  // What is not known by name now may have been named by the entry itself.
  const named = [nameOf(subject.id), details.label, details.username, details.name].find(
    (name) => typeof name === 'string' && name !== '',
  )
  return (
    <Link href={`${page}/${subject.id}`}>
      {named as string | undefined} <code className="muted">{subject.id}</code>
    </Link>
  )
}

function inWords(name: string): string {
  const spaced = name.replaceAll('_', ' ')
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

const instantShape = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** A value of the log as a person reads it: instants in the person's time and in UTC, ids with their names, changes as from what to what. */
function told(value: unknown, nameOf: NameOf): string {
  if (value === null || value === '') return text.nothing
  if (typeof value === 'boolean') return value ? text.yes : text.no
  if (typeof value === 'number') return words.number(value)
  if (typeof value === 'string') {
    if (instantShape.test(value)) return exactly(Date.parse(value))
    const name = nameOf(value)
    return name === undefined ? value : `${name} (${value})`
  }
  if (Array.isArray(value)) return value.length === 0 ? text.nothing : value.map((one) => told(one, nameOf)).join(', ')
  if (typeof value !== 'object') return JSON.stringify(value)
  const parts = Object.entries(value)
  if (parts.length === 2 && 'from' in value && 'to' in value) {
    return text.fromTo(told(value.from, nameOf), told(value.to, nameOf))
  }
  return parts.map(([name, part]) => `${inWords(name)}: ${told(part, nameOf)}`).join('; ')
}
