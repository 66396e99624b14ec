import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contentTypeOf, ownFilesOnly } from './own-files.ts'

/** Below this path everything is the console's. */
export const consolePath = '/console'

/** Answers a request for the console: one of its files, or its one page, which finds out by itself what to show. */
export type ConsoleFiles = (path: string, acceptEncoding: string | undefined) => Response | undefined

const contentSecurityPolicy = ownFilesOnly("'self'")

interface Asset {
  readonly plain: Buffer<ArrayBuffer>
  readonly gzip: Buffer<ArrayBuffer>
  readonly contentType: string
}

/**
 * The console as it was built, with each file beside itself as gzip. All of it is read once, so that what a page names
 * is there also after another build. Its files have names of their contents, so whoever has one never asks again.
 */
export function openConsole(
  directory = fileURLToPath(new URL('../../../console/dist', import.meta.url)),
): ConsoleFiles {
  if (!existsSync(join(directory, 'index.html.gz'))) return () => notBuilt()
  const names = readdirSync(join(directory, 'assets')).filter((name) => !name.endsWith('.gz'))
  const assets = new Map(
    names.map((name) => [`${consolePath}/assets/${name}`, readAsset(join(directory, 'assets', name))]),
  )
  const index = readAsset(join(directory, 'index.html'))
  return (path, acceptEncoding) => {
    const asset = assets.get(path)
    if (asset !== undefined) return answer(asset, acceptEncoding, 'public, max-age=31536000, immutable')
    return path.startsWith(`${consolePath}/assets/`) ? undefined : answer(index, acceptEncoding, 'no-cache')
  }
}

function readAsset(file: string): Asset {
  return { plain: readFileSync(file), gzip: readFileSync(`${file}.gz`), contentType: contentTypeOf(file) }
}

function answer(
  { plain, gzip, contentType }: Asset,
  acceptEncoding: string | undefined,
  cacheControl: string,
): Response {
  const isPacked = /(?:^|[\s,])gzip(?:$|[\s,;])/.test(acceptEncoding ?? '')
  return new Response(isPacked ? gzip : plain, {
    headers: {
      'content-type': contentType,
      'content-security-policy': contentSecurityPolicy,
      'cache-control': cacheControl,
      vary: 'accept-encoding',
      ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
    },
  })
}

function notBuilt(): Response {
  const text = 'The console is not built. Start the server with `npm start`, which builds it.\n'
  return new Response(text, { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' } })
}
