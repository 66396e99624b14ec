import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { contentTypeOf, contentTypes, ofPlatform, ownFilesOnly } from './own-files.ts'

/** Below this path everything is the console's. */
export const consolePath = '/console'

/** Whether the console answers there, whatever the rest of the path is. */
export function isOfConsole(path: string): boolean {
  return path === consolePath || path.startsWith(`${consolePath}/`)
}

/** The entry of the element: the one address that other pages know. */
const embedPath = `${consolePath}/embed.js`

/** Answers a request for the console: one of its files, or its one page, which finds out by itself what to show. */
export type ConsoleFiles = (path: string, asked: Headers) => Response | undefined

const contentSecurityPolicy = ownFilesOnly("'self'")

/** The names of files hold what is in them, so whoever has one never asks again. */
const forEver = 'public, max-age=31536000, immutable'
/** What names those files is asked for each time, so that nobody looks for files of an earlier build. */
const askAgain = 'no-cache'

/**
 * Pages of every origin may load the element. It is the same for all and holds nothing of anybody; whom the API answers
 * is another matter, and one that the element can explain only once it is there.
 */
const forOtherPages = { 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }

interface Asset {
  readonly plain: Buffer<ArrayBuffer>
  readonly gzip: Buffer<ArrayBuffer>
  /** Weak, since it is the same for both. */
  readonly etag: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The console and the element as they were built, each file beside itself as gzip. All of it is read once, so that what
 * a page names is there also after another build.
 * @param platformName how people call what they use
 */
export function openConsole(
  platformName: string,
  directory = fileURLToPath(new URL('../../../console/dist', import.meta.url)),
): ConsoleFiles {
  // Also what was built before these were its entries is no console.
  const isBuilt = ['index.html.gz', 'embed.js.gz'].every((entry) => existsSync(join(directory, entry)))
  if (!isBuilt) return () => notBuilt()
  const names = readdirSync(join(directory, 'assets')).filter((name) => !name.endsWith('.gz'))
  const files = new Map(
    names.map((name) => [
      `${consolePath}/assets/${name}`,
      readAsset(join(directory, 'assets', name), forEver, forOtherPages),
    ]),
  )
  files.set(embedPath, readAsset(join(directory, 'embed.js'), askAgain, forOtherPages))
  const index = readIndex(join(directory, 'index.html'), platformName)
  return (path, asked) => {
    const file = files.get(path)
    if (file !== undefined) return answer(file, asked)
    return path.startsWith(`${consolePath}/assets/`) ? undefined : answer(index, asked)
  }
}

function readAsset(file: string, cacheControl: string, more: Readonly<Record<string, string>> = {}): Asset {
  const headers = { 'content-type': contentTypeOf(file), 'cache-control': cacheControl, ...more }
  return asset(readFileSync(file), readFileSync(`${file}.gz`), headers)
}

function readIndex(file: string, platformName: string): Asset {
  const plain = Buffer.from(ofPlatform(readFileSync(file, 'utf8'), platformName))
  return asset(plain, gzipSync(plain), { 'content-type': contentTypes.html, 'cache-control': askAgain })
}

function asset(plain: Asset['plain'], gzip: Asset['gzip'], headers: Readonly<Record<string, string>>): Asset {
  return {
    plain,
    gzip,
    etag: `W/"${hash('sha256', plain, 'base64url')}"`,
    headers: { 'content-security-policy': contentSecurityPolicy, vary: 'accept-encoding', ...headers },
  }
}

function answer({ plain, gzip, etag, headers }: Asset, asked: Headers): Response {
  const known = asked.get('if-none-match')?.split(',') ?? []
  if (known.some((one) => one.trim() === etag))
    return new Response(null, { status: 304, headers: { ...headers, etag } })
  const isPacked = /(?:^|[\s,])gzip(?:$|[\s,;])/.test(asked.get('accept-encoding') ?? '')
  return new Response(isPacked ? gzip : plain, {
    headers: { ...headers, etag, ...(isPacked ? { 'content-encoding': 'gzip' } : {}) },
  })
}

function notBuilt(): Response {
  const text = 'The console is not built. Start the server with `npm start`, which builds it.\n'
  return new Response(text, { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
