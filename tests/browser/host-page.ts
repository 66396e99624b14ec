import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A platform's own pages at an origin of its own, with the element in them. */
export interface HostPages {
  readonly origin: string
  /** A page with this body and look; answers with where it is. */
  put(page: { readonly body: string; readonly css?: string }): string
  close(): Promise<void>
}

/** `server` is where the element comes from; asked for with each page, since its settings may name this origin. */
export async function openHostPages(server: () => string): Promise<HostPages> {
  const files = new Map<string, { readonly type: string; readonly text: string }>()
  const host = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    if (file === undefined) return void response.writeHead(404).end()
    const headers = { 'content-type': file.type, 'content-security-policy': policyFor(server()) }
    response.writeHead(200, headers).end(file.text)
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
  return {
    origin,
    put({ body, css = '' }) {
      const path = `/${files.size}/settings`
      files.set(`${path}.css`, { type: 'text/css', text: css })
      files.set(path, { type: 'text/html', text: pageOf(body, `${path}.css`, server()) })
      return origin + path
    },
    close: () => new Promise((resolve) => host.close(() => resolve())),
  }
}

/** As strict as it can be that lets the element in. */
function policyFor(server: string): string {
  return [
    "default-src 'none'",
    `script-src ${server}`,
    `connect-src ${server}`,
    "style-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')
}

function pageOf(body: string, css: string, server: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <title>Settings of the platform</title>
    <meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${css}">
    <script type="module" src="${server}/console/embed.js"></script>
  </head>
  <body>
    <main>
      <h1>Settings</h1>
      ${body}
    </main>
  </body>
</html>`
}
