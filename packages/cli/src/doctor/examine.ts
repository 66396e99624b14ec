// What can go wrong between a program, its token and the server, looked at from here.

import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isProblem, type Client, type Server, type Token } from '@chatelaine/sdk'
import { checkGit, CredentialError, type LoadedToken } from '@chatelaine/sdk/node'
import { connect, isExposed, type ConnectionOptions } from '../connection.ts'
import type { Terminal } from '../terminal.ts'
import { relative } from '../times.ts'

export interface Finding {
  readonly verdict: 'good' | 'unwise' | 'wrong'
  readonly says: string
  readonly hint?: string
}

type Asked = ConnectionOptions & { readonly url: string }

/** How long the server may take to say that it is there. */
const reachMs = 5_000
/** A server refuses what is signed for another time; people see wrong times from here on. */
const clockOffMsMax = 60_000
const dayMs = 86_400_000
/** A token that ends sooner should be renewed now. */
const endsSoonMs = 7 * dayMs
/** Whoever makes backups at all makes them more often. */
const backupOldMs = 7 * dayMs
/** A token that nobody used for so long is likely forgotten. */
const unusedMs = 90 * dayMs

/** Everything that there is to say, in the order in which one thing depends on the other. */
export async function examine(asked: Asked, terminal: Terminal): Promise<readonly Finding[]> {
  const findings = [...(await examineServer(asked.url, terminal.now()))]
  const quiet: Terminal = { ...terminal, tell: () => undefined }
  try {
    const { client, token } = await connect(asked, quiet)
    findings.push(...(await examineOrigin(token)), ...(await examineToken(client, terminal.now())))
    findings.push(...(await examineRunning(client, terminal.now())))
  } catch (error) {
    if (!(error instanceof Error)) throw error
    findings.push({ verdict: 'wrong', says: error.message, ...('hint' in error && { hint: String(error.hint) }) })
  }
  return findings
}

async function examineServer(url: string, now: number): Promise<readonly Finding[]> {
  let response: Response
  try {
    response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(reachMs), redirect: 'manual' })
  } catch {
    const hint = 'check the URL (--url or CHATELAINE_URL), and that the server runs'
    return [{ verdict: 'wrong', says: `${url} cannot be reached`, hint }]
  }
  const { status, headers } = response
  await response.body?.cancel()
  return [
    status === 200
      ? { verdict: 'good', says: `${url} is ready` }
      : { verdict: 'wrong', says: `${url} is not ready: it answered ${status}`, hint: 'its log says why' },
    ...examineClock(headers.get('date'), now),
    ...(isExposed(url)
      ? [{ verdict: 'unwise', says: 'what is sent to the server can be read on the way', hint: 'use https' } as const]
      : []),
  ]
}

function examineClock(date: string | null, now: number): readonly Finding[] {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return []
  if (Math.abs(at - now) <= clockOffMsMax) return [{ verdict: 'good', says: 'the clocks agree' }]
  const says = `the clock here differs from that of the server by ${Math.round(Math.abs(at - now) / 1_000)} s`
  return [{ verdict: 'unwise', says, hint: 'set the clock of this machine; the server judges by its own' }]
}

async function examineOrigin({ origin }: LoadedToken): Promise<readonly Finding[]> {
  const { type, where, file } = origin
  const found: Finding = { verdict: 'good', says: `the token is that of the ${type} ${where}` }
  // Files that others can read, or that git tracks, were refused when the token was loaded.
  if (file === undefined) return [found]
  const warning = await checkGit(file).catch((error: unknown) => {
    if (error instanceof CredentialError) return error.message
    throw error
  })
  const { mode } = await stat(dirname(file))
  const isOpen = process.platform !== 'win32' && (mode & 0o022) !== 0 && (mode & 0o1000) === 0
  return [
    found,
    warning === undefined
      ? { verdict: 'good', says: 'only you can read its file, and git does not take it along' }
      : { verdict: 'unwise', says: warning },
    ...(isOpen
      ? [
          {
            verdict: 'unwise',
            says: `others can replace the files in ${dirname(file)}`,
            hint: `run: chmod go-w '${dirname(file)}'`,
          } as const,
        ]
      : []),
  ]
}

async function examineToken(client: Client, now: number): Promise<readonly Finding[]> {
  try {
    const token = await client.tokens.getSelf()
    return [
      { verdict: 'good', says: `it is ${token.id}, and it lives` },
      ...examineLife(token, now),
      ...examineReach(token, now),
    ]
  } catch (error) {
    if (!isProblem(error)) throw error
    const hint = isProblem(error, 'credential-rejected') ? { hint: 'make another one: chatelaine login' } : {}
    return [{ verdict: 'wrong', says: error.message, ...hint }]
  }
}

function examineLife({ expires_at, renewable_until }: Token, now: number): readonly Finding[] {
  if (expires_at === null) {
    return [{ verdict: 'unwise', says: 'it never expires', hint: 'chatelaine token update ID --expires 1y' }]
  }
  const says = `it ends ${relative(expires_at, now)}`
  if (Date.parse(expires_at) - now > endsSoonMs) return [{ verdict: 'good', says }]
  const hint =
    renewable_until === null
      ? 'make the next one in time: chatelaine token create'
      : 'chatelaine token rotate renews it'
  return [{ verdict: 'unwise', says, hint }]
}

/** The server counts uses, not what each was for: what a token reaches beyond its use can be seen in part only. */
function examineReach(token: Token, now: number): readonly Finding[] {
  const findings: Finding[] = []
  const { scopes, allowed_ips, last_used_ip, last_used_at, created_at, id } = token
  if (scopes.includes('*')) {
    const hint = `say what it needs: chatelaine token update ${id} --scope data:read`
    findings.push({ verdict: 'unwise', says: 'it may do everything that you may', hint })
  }
  if (allowed_ips.length === 0 && last_used_ip !== null && token.use_count > 1) {
    const hint = `where it is always used from there: chatelaine token update ${id} --allow-ip ${last_used_ip}`
    findings.push({
      verdict: 'unwise',
      says: `it may be used from anywhere, and was last used from ${last_used_ip}`,
      hint,
    })
  }
  if (now - Date.parse(last_used_at ?? created_at) > unusedMs) {
    const says = `it was not used for ${Math.floor(unusedMs / dayMs)} days`
    findings.push({ verdict: 'unwise', says, hint: `chatelaine token revoke ${id}` })
  }
  return findings
}

/** How the server does, for whoever may know it; nothing for everybody else. */
async function examineRunning(client: Client, now: number): Promise<readonly Finding[]> {
  let server: Server
  try {
    server = await client.server.get()
  } catch (error) {
    if (isProblem(error)) return []
    throw error
  }
  const { version, database, journal, unready_because: trouble } = server
  return [
    { verdict: 'good', says: `it is release ${version}, on ${database.kind} ${database.version}` },
    ...(trouble === null ? [] : [{ verdict: 'wrong', says: trouble, hint: 'its log says more' } as const]),
    ...(journal.is_behind
      ? [{ verdict: 'wrong', says: `the journal ${journal.file} cannot be written`, hint: 'see to its disk' } as const]
      : []),
    ...examineBackup(server, now),
  ]
}

/** PostgreSQL is backed up with its own means, of which the server knows nothing. */
function examineBackup({ database, last_backup: backup }: Server, now: number): readonly Finding[] {
  if (database.kind === 'postgresql') return []
  const hint = 'on its machine, run: npm run operate -- backup FILE'
  if (backup === null) return [{ verdict: 'unwise', says: 'no backup of it was ever made', hint }]
  const says = `the last backup was made ${relative(backup.taken_at, now)}`
  return [
    now - Date.parse(backup.taken_at) > backupOldMs ? { verdict: 'unwise', says, hint } : { verdict: 'good', says },
  ]
}
