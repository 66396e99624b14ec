import type { Server } from '@chatelaine/sdk'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useApi } from '../server.tsx'
import { Facts } from '../ui/facts.tsx'
import { Notice } from '../ui/notice.tsx'
import { Instant } from '../ui/time.tsx'
import { Loaded } from '../ui/waiting.tsx'
import { words } from '../words/words.ts'

const text = words.server

/** What runs, and how it does. */
export function ServerFacts() {
  const api = useApi()
  const server = useQuery({
    queryKey: ['server'],
    queryFn: ({ signal }) => api.server.get({ signal }),
    refetchInterval: 10_000,
  })
  return <Loaded query={server}>{(found) => <ServerView server={found} />}</Loaded>
}

function ServerView({ server }: { server: Server }) {
  const { unready_because: trouble, database, journal, master_keys: keys } = server
  return (
    <>
      {trouble !== null && <Notice kind="warning">{text.unready(trouble)}</Notice>}
      {journal.is_behind && <Notice kind="warning">{text.journalBehind}</Notice>}
      <Facts
        facts={[
          [text.state, trouble === null ? text.ready : text.notReady],
          [text.version, server.version],
          [
            text.running,
            <>
              <Instant at={server.started_at} /> <Small>{server.instance_id}</Small>
            </>,
          ],
          [text.instances, text.instanceCount(server.instance_count)],
          [
            text.database,
            <>
              {text.databases[database.kind]} {database.version}, {words.app.bytes(database.size_bytes)}{' '}
              {database.file !== null && <Small>{database.file}</Small>}
            </>,
          ],
          [
            text.journal,
            <>
              {words.app.bytes(journal.size_bytes)} <Small>{journal.file}</Small>
            </>,
          ],
          [
            text.keys,
            <ul className="plain-list" key="keys">
              {keys.map(({ id, is_current: isCurrent }) => (
                <li key={id}>
                  <code>{id}</code> {isCurrent && <span className="muted">{text.current}</span>}
                </li>
              ))}
            </ul>,
          ],
          [text.backup, <LastBackup key="backup" server={server} />],
        ]}
      />
    </>
  )
}

/** The last backup, or how to make the first one. */
function LastBackup({ server: { database, last_backup: backup } }: { server: Server }) {
  if (database.kind === 'postgresql') return <>{text.backupElsewhere}</>
  if (backup === null) {
    return (
      <>
        {text.noBackup} <code>{text.backupCommand}</code>
      </>
    )
  }
  return (
    <>
      <Instant at={backup.taken_at} /> <Small>{backup.file}</Small>
    </>
  )
}

/** Beside what it belongs to, on a line of its own. */
function Small({ children }: { children: ReactNode }) {
  return (
    <>
      <br />
      <code className="muted">{children}</code>
    </>
  )
}
