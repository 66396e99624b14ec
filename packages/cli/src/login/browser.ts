// Signing in through the browser of the same machine: RFC 8252 with PKCE (RFC 7636).

import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Secret } from '@chatelaine/sdk'
import { CommandFailure } from '../failure.ts'
import { printable, type Terminal } from '../terminal.ts'
import { clientId, parametersOf, sendForm, tokenIn, type Wish } from './grant.ts'

/** After this time nobody is coming back. The page of the server is good for as long. */
const waitMs = 600_000

/** Whether there is likely a browser that this process can open. */
export function hasBrowser(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): boolean {
  if (environment['SSH_CONNECTION'] !== undefined) return false
  if (platform === 'darwin' || platform === 'win32') return true
  return environment['DISPLAY'] !== undefined || environment['WAYLAND_DISPLAY'] !== undefined
}

export async function signInByBrowser(url: string, wish: Wish, terminal: Terminal): Promise<Secret> {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const listener = createServer()
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const redirectUri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`
  try {
    const page = new URL('/oauth/authorize', url)
    const question = {
      ...parametersOf(wish),
      response_type: 'code',
      redirect_uri: redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
    }
    page.search = new URLSearchParams(question).toString()
    terminal.tell(`agree on this page, which should open by itself: ${page.href}`)
    openBrowser(page.href)
    const code = await codeFrom(listener, state)
    return await exchange(url, { code, verifier, redirectUri })
  } finally {
    listener.close()
    listener.closeAllConnections()
  }
}

/** Waits until the browser is sent back here. What does not know the state was not sent by whom we asked. */
function codeFrom(listener: Server, state: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new CommandFailure('nobody agreed within ten minutes', 'chatelaine login --device needs no browser here'))
    }, waitMs)
    listener.on('request', (request, response) => {
      const { searchParams, pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
      if (pathname !== '/' || searchParams.get('state') !== state) {
        response.writeHead(404).end()
        return
      }
      clearTimeout(timer)
      const code = searchParams.get('code')
      const says = code === null ? 'Nothing was given.' : 'You are signed in.'
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      response.end(`${says} Go back to the terminal; you can close this page.\n`, () => {
        if (code !== null) return resolve(code)
        reject(new CommandFailure(printable(searchParams.get('error_description') ?? 'the server gave no code')))
      })
    })
  })
}

async function exchange(
  url: string,
  { code, verifier, redirectUri }: { code: string; verifier: string; redirectUri: string },
): Promise<Secret> {
  const answer = await sendForm(url, '/oauth/token', {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: redirectUri,
  })
  if ('refusal' in answer) throw new CommandFailure(answer.refusal.description, 'run the command again')
  return tokenIn(answer.body)
}

/** The address is on the screen as well, so that a browser that does not open is no failure. */
function openBrowser(address: string): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program!, [...args, address], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}

const openers: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  // `start` would take an ampersand for the end of the command.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}
