import { Tabs } from '@base-ui/react/tabs'
import type { IssuedToken } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useApi, useServer } from '../server.tsx'
import { Button } from '../ui/button.tsx'
import { AskBeforeLeaving } from '../ui/leaving.tsx'
import { Page, Sheet } from '../ui/page.tsx'
import { useSurroundings } from '../ui/surroundings.tsx'
import { Instant } from '../ui/time.tsx'
import { words } from '../words/words.ts'
import './secret-shown.css'
import { snippets } from './snippets.ts'

const text = words.secret

/** A new secret, the one time: it is in this page's memory and nowhere else, and gone with the page. */
export function SecretShown({ issued, onDone }: { issued: IssuedToken; onDone?: () => void }) {
  const [secret, setSecret] = useState<string | undefined>(() => issued.token.reveal())
  const { origin } = useServer()
  const { keepInSight } = useSurroundings()
  const [, go] = useLocation()
  const heading = useRef<HTMLDivElement>(null)
  useEffect(() => heading.current?.focus(), [])
  useEffect(() => {
    // A page that a browser keeps for the way back must not keep the secret.
    const forget = () => setSecret(undefined)
    window.addEventListener('pagehide', forget)
    return () => window.removeEventListener('pagehide', forget)
  }, [])
  useEffect(() => (secret === undefined ? undefined : keepInSight?.()), [secret, keepInSight])
  const name = issued.label === '' ? `${issued.start}…` : issued.label
  return (
    <Page title={text.title} isNarrow>
      <Sheet>
        <div tabIndex={-1} ref={heading}>
          <p>{text.made(name)}</p>
        </div>
        {secret !== undefined && <AskBeforeLeaving within={heading} {...text.leaving} />}
        {secret === undefined ? <p>{text.gone}</p> : <SecretBox secret={secret} label={issued.label} />}
        <p>{text.warning}</p>
        <p>
          <a href={`${origin}/docs/guides/using-a-token`} target="_blank" rel="noreferrer">
            {text.guide}
          </a>
        </p>
      </Sheet>
      {secret !== undefined && (
        <Sheet title={text.whereTitle}>
          <Tabs.Root defaultValue={snippets[0]!.name}>
            <Tabs.List className="secret-tabs">
              {snippets.map(({ name: tab }) => (
                <Tabs.Tab className="secret-tab" key={tab} value={tab}>
                  {tab}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {snippets.map(({ name: tab, explanation, code }) => (
              <Tabs.Panel key={tab} value={tab} className="sheet-form">
                <p>{explanation}</p>
                <pre className="secret-code" tabIndex={0}>
                  {code({ origin, file: fileNameOf(issued.label) })}
                </pre>
              </Tabs.Panel>
            ))}
          </Tabs.Root>
        </Sheet>
      )}
      <Sheet>
        <FirstUse id={issued.id} />
        <div>
          <Button look="primary" onClick={onDone ?? (() => go(`/tokens/${issued.id}`, { replace: true }))}>
            {text.done}
          </Button>
        </div>
      </Sheet>
    </Page>
  )
}

/** The secret itself, with the ways to take it away. */
function SecretBox({ secret, label }: { secret: string; label: string }) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(secret)
      setSaid(text.copied)
    } catch {
      setSaid(text.notCopied)
    }
  }
  return (
    <div className="secret">
      <output className="secret-text" aria-label={text.aria}>
        {secret}
      </output>
      <div className="row">
        <Button look="primary" onClick={() => void copy()}>
          {text.copy}
        </Button>
        <Button onClick={() => download(secret, label)}>{text.download}</Button>
        <span role="status">{said}</span>
      </div>
    </div>
  )
}

/** Gives the browser a file that git leaves alone where `*.token` is ignored. */
function download(secret: string, label: string): void {
  const url = URL.createObjectURL(new Blob([`${secret}\n`], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileNameOf(label)
  link.click()
  URL.revokeObjectURL(url)
}

/** A name that no shell and no system takes for anything else. */
function fileNameOf(label: string): string {
  const name = label.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 40)
  return `${name.replaceAll(/^-+|-+$/g, '') || 'chatelaine'}.token`
}

const askEveryMs = 3_000

/** Waits for the first use, so that a person sees that the token arrived where it belongs. */
function FirstUse({ id }: { id: string }) {
  const api = useApi()
  const token = useQuery({
    queryKey: ['tokens', 'one', id],
    queryFn: ({ signal }) => api.tokens.get(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.first_used_at ? false : askEveryMs),
  })
  const { first_used_at: firstUsedAt, last_used_ip: ip } = token.data ?? {}
  return (
    <p role="status">
      {firstUsedAt ? (
        <>
          {text.firstUsed} <Instant at={firstUsedAt} /> {ip && text.from(ip)}
        </>
      ) : (
        text.notUsed
      )}
    </p>
  )
}
