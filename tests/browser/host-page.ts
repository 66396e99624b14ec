import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inRoot } from '../../tools/root.ts'

/** A platform's own pages at an origin of its own, with the element in them, as the guide describes it. */
export interface HostPages {
  readonly origin: string
  /** A page with this body and look; answers with where it is. */
  put(page: { readonly body: string; readonly css?: string; readonly head?: string }): string
  /** What is at a path of the platform, whatever it is asked with. */
  answer(path: string, type: string, text: () => string | Promise<string>): void
  close(): Promise<void>
}

const guide = readFileSync(inRoot('docs/guides/embed.md'), 'utf8')

/** Such a block of the guide, with this server in place of the one that it tells of. */
export function fromGuide(language: 'html' | 'http' | 'js', server: string): string {
  const [, block] = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(guide)!
  return block!.replaceAll('https://tokens.example.com', server)
}

/** `server` is where the element comes from; asked for with each page, since its settings may name this origin. */
export async function openHostPages(server: () => string): Promise<HostPages> {
  const files = new Map<string, { readonly type: string; readonly text: () => string | Promise<string> }>()
  const host = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    if (file === undefined) return void response.writeHead(404).end()
    const headers = { 'content-type': file.type, 'content-security-policy': policyWith(server()) }
    void Promise.resolve(file.text()).then((text) => response.writeHead(200, headers).end(text))
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
  return {
    origin,
    put({ body, css = '', head = `<script type="module" src="${server()}/console/embed.js"></script>` }) {
      const path = `/${files.size}/settings`
      files.set(`${path}.css`, { type: 'text/css', text: () => css })
      files.set(path, {
        type: 'text/html',
        text: () => pageOf(`<link rel="stylesheet" href="${path}.css">${head}`, body),
      })
      return origin + path
    },
    answer: (path, type, text) => void files.set(path, { type, text }),
    close: () => new Promise((resolve) => host.close(() => resolve())),
  }
}

/** As strict as a policy can be that has what the guide says that the element needs. */
function policyWith(server: string): string {
  const needed = fromGuide('http', server).replace('Content-Security-Policy:', '').trim()
  // The page's own icon and look, and nothing else.
  const own = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
  return `${needed}; ${own}; require-trusted-types-for 'script'`
}

function pageOf(head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <title>Settings of the platform</title>
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    ${head}
  </head>
  <body>
    <main>
      <h1>Settings</h1>
      ${body}
    </main>
  </body>
</html>`
}
