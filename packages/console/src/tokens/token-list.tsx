import type { Token } from '@chatelaine/sdk'
import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { useRowsInSight } from '../ui/rows.ts'
import { Instant } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import { DeleteToken } from './delete-token.tsx'
import { Expiry } from './expiry.tsx'
import { Reach } from './reach.tsx'
import { ScopesInWords } from './scopes-in-words.tsx'
import './token-list.css'

const { columns } = words.tokens

const scopesShownMax = 3

/** Tokens as a table, of which only the rows in sight are drawn. `onEnd` is called when the last one is near. */
export function TokenList({
  tokens,
  isWhole,
  onEnd,
  onDeleted,
}: {
  tokens: readonly Token[]
  /** Whether there are no more than these. */
  isWhole: boolean
  onEnd: () => void
  /** Hears which token was ended here. */
  onDeleted: (token: Token) => void
}) {
  const table = useRef<HTMLTableElement>(null)
  const { drawn, before, after, measure } = useRowsInSight(
    table,
    tokens.map(({ id }) => id),
  )
  const lastDrawn = drawn.at(-1)?.index ?? 0
  useEffect(() => {
    if (lastDrawn >= tokens.length - 20) onEnd()
  }, [lastDrawn, tokens.length, onEnd])
  return (
    <table className="tokens" ref={table} aria-rowcount={isWhole ? tokens.length + 1 : -1}>
      <thead>
        <tr>
          <th scope="col">{columns.label}</th>
          <th scope="col">{columns.reach}</th>
          <th scope="col">{columns.scopes}</th>
          <th scope="col">{columns.created}</th>
          <th scope="col">{columns.expires}</th>
          <th scope="col">{columns.lastUsed}</th>
          <th scope="col">
            <span className="visually-hidden">{columns.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {before > 0 && <Gap height={before} />}
        {drawn.map(({ index, key }) => (
          <Row key={key} token={tokens[index]!} index={index} measure={measure} onDeleted={onDeleted} />
        ))}
        {after > 0 && <Gap height={after} />}
      </tbody>
    </table>
  )
}

/** Stands for the rows that are out of sight. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden="true" className="tokens-gap">
      <td colSpan={7} style={{ height }} />
    </tr>
  )
}

function Row({
  token,
  index,
  measure,
  onDeleted,
}: {
  token: Token
  index: number
  measure: (row: HTMLTableRowElement | null) => void
  onDeleted: (token: Token) => void
}) {
  return (
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      className={token.status === 'active' ? undefined : 'tokens-dim'}
    >
      <th scope="row">
        <Link href={`/tokens/${token.id}`}>{token.label === '' ? words.tokens.unlabelled : token.label}</Link>
        <code className="muted">{token.start}…</code>
      </th>
      <td data-name={columns.reach}>
        <Reach token={token} />
      </td>
      <td data-name={columns.scopes}>
        <ScopesInWords token={token} max={scopesShownMax} />
      </td>
      <td data-name={columns.created}>
        <Instant at={token.created_at} />
      </td>
      <td data-name={columns.expires}>
        <Expiry token={token} />
      </td>
      <td data-name={columns.lastUsed}>
        <LastUse token={token} />
      </td>
      <td>{token.status !== 'revoked' && <DeleteToken token={token} onDeleted={onDeleted} />}</td>
    </tr>
  )
}

/** When, from where and by what it was last used, as far as is known. */
export function LastUse({ token }: { token: Token }) {
  if (token.last_used_at === null) return <span className="muted">{words.tokens.neverUsed}</span>
  return (
    <>
      <Instant at={token.last_used_at} />{' '}
      <span className="tokens-from muted">{words.tokens.usedFrom(token.last_used_ip, token.last_used_client)}</span>
    </>
  )
}
