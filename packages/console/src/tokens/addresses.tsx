import type { TokenUsage } from '@chatelaine/sdk'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Instant } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import './addresses.css'

const text = words.token.usedFrom

/** So many are shown at first. */
const shownFirst = 8

/** From where a token was accepted, those with the most uses first. */
export function Addresses({ usage }: { usage: TokenUsage }) {
  const { addresses, accepted_elsewhere: elsewhere, addresses_from: since, from } = usage
  const [isWhole, setWhole] = useState(false)
  if (addresses.length === 0) return null
  const shown = isWhole ? addresses : addresses.slice(0, shownFirst)
  return (
    <>
      <table className="addresses">
        <caption>
          <h3>{text.title}</h3>
        </caption>
        <thead>
          <tr>
            <th scope="col">{text.address}</th>
            <th scope="col">{text.client}</th>
            <th scope="col">{text.uses}</th>
            <th scope="col">{text.lastUsed}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ ip, client, accepted, last_used_at: lastUsedAt }) => (
            <tr key={ip}>
              <th scope="row">{ip === null ? text.unknown : <code>{ip}</code>}</th>
              <td>{client}</td>
              <td data-name={text.uses}>{words.number(accepted)}</td>
              <td>
                <Instant at={lastUsedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < addresses.length && <Button onClick={() => setWhole(true)}>{words.app.more}</Button>}
      {elsewhere > 0 && <p className="muted">{text.elsewhere(elsewhere)}</p>}
      {since !== from && <p className="muted">{text.kept}</p>}
    </>
  )
}
