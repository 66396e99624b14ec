import type { AuditEntry, IssuedToken, Token } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation, useParams } from 'wouter'
import { useApi } from '../server.tsx'
import { usePerson } from '../session/person.tsx'
import { Button } from '../ui/button.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { Facts } from '../ui/facts.tsx'
import { LoadedPage } from '../ui/loaded-page.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { Paged, usePages } from '../ui/paged.tsx'
import { Instant } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import { DeleteToken } from './delete-token.tsx'
import { EditToken } from './edit-token.tsx'
import { Expiry } from './expiry.tsx'
import { Reach } from './reach.tsx'
import { Rotation } from './rotation.tsx'
import { ScopesInWords } from './scopes-in-words.tsx'
import { SecretShown } from './secret-shown.tsx'
import { LastUse } from './token-list.tsx'
import { TokenUsageChart } from './token-usage.tsx'

const text = words.token

/** One token: what it is, who uses it, and what can be done with it. */
export function TokenPage() {
  const api = useApi()
  const { id = '' } = useParams()
  const token = useQuery({
    queryKey: ['tokens', 'one', id],
    queryFn: ({ signal }) => api.tokens.get(id, { signal }),
    refetchInterval: 5_000,
  })
  const [rotated, setRotated] = useState<IssuedToken>()
  if (rotated !== undefined) return <SecretShown issued={rotated} onDone={() => setRotated(undefined)} />
  return (
    <LoadedPage query={token} title={text.one}>
      {(found) => <TokenView key={found.id} token={found} onRotated={setRotated} />}
    </LoadedPage>
  )
}

function TokenView({ token, onRotated }: { token: Token; onRotated: (issued: IssuedToken) => void }) {
  const api = useApi()
  const [, go] = useLocation()
  const person = usePerson()
  const queries = useQueryClient()
  const [isEdited, setEdited] = useState(false)
  const isOver = token.status === 'revoked' || token.status === 'expired'
  const change = async (isActive: boolean) => {
    await api.tokens.update(token.id, { is_active: isActive })
    await queries.invalidateQueries({ queryKey: ['tokens'] })
  }
  return (
    <Page
      title={token.label === '' ? words.tokens.unlabelled : token.label}
      actions={
        !isOver && (
          <>
            <Button onClick={() => setEdited(!isEdited)} aria-expanded={isEdited}>
              {text.edit}
            </Button>
            {token.is_active ? (
              <Confirm
                name={text.suspend}
                title={text.suspendTitle}
                text={text.suspendText}
                doIt={() => change(false)}
              />
            ) : (
              <Confirm name={text.resume} title={text.resumeTitle} text={text.resumeText} doIt={() => change(true)} />
            )}
            {token.kind === 'project' && token.created_by !== person.id && (
              <Confirm
                name={text.adopt}
                title={text.adoptTitle}
                text={text.adoptText}
                doIt={async () => {
                  await api.tokens.adopt(token.id)
                  await queries.invalidateQueries({ queryKey: ['tokens'] })
                }}
              />
            )}
            <DeleteToken token={token} onDeleted={() => go(listOf(token, person.id))} />
          </>
        )
      }
    >
      {token.status === 'revoked' && token.revoked_at !== null && (
        <Notice kind="warning">
          {text.revoked} <Instant at={token.revoked_at} />
          {token.revoked_reason !== null && `: ${token.revoked_reason}`}
        </Notice>
      )}
      {token.status === 'suspended' && <Notice kind="warning">{text.suspended}</Notice>}
      {isEdited && <EditToken token={token} onDone={() => setEdited(false)} />}
      <Sheet>
        <Facts
          facts={[
            [text.start, <code key="start">{token.start}…</code>],
            [text.id, <code key="id">{token.id}</code>],
            [text.kind, words.tokens.kinds[token.kind]],
            [words.tokens.columns.reach, <Reach key="reach" token={token} />],
            [text.status, words.tokens.status[token.status]],
            [text.scopes, <ScopesInWords key="scopes" token={token} />],
            [text.addresses, token.allowed_ips.length === 0 ? text.anywhere : token.allowed_ips.join(', ')],
            [text.created, <Instant key="created" at={token.created_at} />],
            [text.madeBy, text.origins[token.origin]],
            [text.expires, <Expiry key="expires" token={token} />],
            [text.lastUsed, <LastUse key="used" token={token} />],
            [text.uses, text.useCount(token.use_count, token.uses_remaining)],
            [text.rate, token.rate_limit === null ? text.noRate : text.rateOf(token.rate_limit)],
          ]}
        />
      </Sheet>
      <Sheet title={text.usage}>
        <TokenUsageChart id={token.id} />
      </Sheet>
      {!isOver && (
        <Sheet title={text.rotation.title}>
          <Rotation token={token} onRotated={onRotated} />
        </Sheet>
      )}
      <Events id={token.id} />
    </Page>
  )
}

/** Where a token is listed. */
function listOf({ account_id: accountId, project_id: projectId }: Token, personId: string): string {
  if (projectId !== null) return `/projects/${projectId}`
  return accountId === personId ? '/tokens' : '/all-tokens'
}

/** What happened to the token, the newest first. */
function Events({ id }: { id: string }) {
  const api = useApi()
  const events = usePages(
    ['tokens', 'events', id],
    (cursor, options) => api.audit.page({ subject: id, limit: 20, ...cursor }, options),
    { watchEveryMs: 5_000 },
  )
  return (
    <Paged list={events} title={text.events} empty={text.noEvents}>
      {(entries) => (
        <ul className="plain-list">
          {entries.map((entry) => (
            <li key={entry.seq}>
              <Instant at={entry.at} /> · {actionOf(entry)}
              {entry.actor.ip !== null && <span className="muted"> {words.secret.from(entry.actor.ip)}</span>}
            </li>
          ))}
        </ul>
      )}
    </Paged>
  )
}

/** The log's own words for what happened, where the console has none of its own. */
function actionOf({ action }: AuditEntry): string {
  return words.audit.actions[action as keyof typeof words.audit.actions] ?? action
}
