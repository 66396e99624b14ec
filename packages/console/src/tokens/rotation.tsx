import type { IssuedToken, Token } from '@chatelaine/sdk'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../server.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { SelectField } from '../ui/field.tsx'
import { Instant } from '../ui/time.tsx'
import { words } from '../words/words.ts'

const text = words.token.rotation

const graceChoices = [86_400, 3_600, 604_800, 0]

/** The two secrets of a token that is being rotated, and who still uses the old one; or the way to begin. */
export function Rotation({ token, onRotated }: { token: Token; onRotated: (issued: IssuedToken) => void }) {
  const api = useApi()
  const queries = useQueryClient()
  const [graceSeconds, setGraceSeconds] = useState(graceChoices[0]!)
  const { rotation } = token
  return (
    <>
      {rotation === null ? <p>{text.none}</p> : <State rotation={rotation} />}
      {rotation !== null && rotation.old_last_used_at !== null && (
        <OldSecretUses tokenId={token.id} since={rotation.started_at} />
      )}
      <div className="row">
        <SelectField
          label={text.grace}
          value={String(graceSeconds)}
          onChange={({ target }) => setGraceSeconds(Number(target.value))}
        >
          {graceChoices.map((seconds) => (
            <option key={seconds} value={seconds}>
              {text.graces(seconds)}
            </option>
          ))}
        </SelectField>
      </div>
      <div className="row">
        <Confirm
          name={text.rotate}
          title={text.rotateTitle}
          text={graceSeconds === 0 ? text.rotateAtOnce : text.rotateText}
          doIt={async () => {
            const issued = await api.tokens.rotate(token.id, { grace_seconds: graceSeconds })
            await queries.invalidateQueries({ queryKey: ['tokens'] })
            onRotated(issued)
          }}
        />
        {rotation?.state === 'pending' && (
          <Confirm
            name={text.cancel}
            title={text.cancelTitle}
            text={text.cancelText}
            doIt={async () => {
              await api.tokens.cancelRotation(token.id)
              await queries.invalidateQueries({ queryKey: ['tokens'] })
            }}
          />
        )}
      </div>
    </>
  )
}

function State({ rotation }: { rotation: NonNullable<Token['rotation']> }) {
  const { state, first_used_at: firstUsedAt, old_ends_at: oldEndsAt, old_last_used_at: oldUsedAt } = rotation
  return (
    <ul className="plain-list">
      <li>
        <strong>{text.newSecret}</strong>:{' '}
        {state === 'pending' || firstUsedAt === null ? text.unused : <Instant at={firstUsedAt} />}
      </li>
      <li>
        <strong>{text.oldSecret}</strong>: {text.endsAt} <Instant at={oldEndsAt} />;{' '}
        {oldUsedAt === null ? (
          text.oldUnused
        ) : (
          <>
            {text.oldUsed} <Instant at={oldUsedAt} />
            {rotation.old_last_used_ip !== null && ` ${words.secret.from(rotation.old_last_used_ip)}`}
          </>
        )}
      </li>
    </ul>
  )
}

/** From where the old secret was used since the rotation began: who has not changed over. */
function OldSecretUses({ tokenId, since }: { tokenId: string; since: string }) {
  const api = useApi()
  const usage = useQuery({
    queryKey: ['tokens', 'usage', tokenId, 'since', since],
    queryFn: ({ signal }) => api.tokens.usage(tokenId, { by: 'day', from: since }, { signal }),
    refetchInterval: 10_000,
  })
  const addresses = usage.data?.addresses.filter((used) => used.old_last_used_at !== null) ?? []
  // A single one stands beside the old secret already.
  if (addresses.length < 2) return null
  return (
    <div>
      <p>{text.oldUsedFrom}</p>
      <ul>
        {addresses.map(({ ip, client, old_last_used_at: usedAt }) => (
          <li key={ip}>
            {ip === null ? words.token.usedFrom.unknown : <code>{ip}</code>}
            {client !== null && `, ${client}`}, <Instant at={usedAt!} />
          </li>
        ))}
      </ul>
    </div>
  )
}
