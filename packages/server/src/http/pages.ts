import { readFileSync } from 'node:fs'
import { documentPaths, escapeHtml, renderDocument } from './documents.ts'
import { contentTypeOf, contentTypes, ofPlatform, ownFilesOnly } from './own-files.ts'

/** Answers a request for a page. */
export type Page = () => Response

/** What the server itself shows to people, by path: where they are, the first set-up, the API, and the documents. */
export function pages(platformName: string): Map<string, Page> {
  return new Map([
    ['/', ownPage('home.html', platformName)],
    ['/setup', ownPage('set-up.html', platformName)],
    ['/pages/set-up.js', own('set-up.js')],
    ['/pages/look.css', own('look.css', stylesheetHeaders)],
    ['/pages/controls.css', own('controls.css', stylesheetHeaders)],
    ['/pages/form.css', own('form.css', stylesheetHeaders)],
    ['/pages/document.css', own('document.css', stylesheetHeaders)],
    ['/pages/mark.svg', own('mark.svg', stylesheetHeaders)],
    ['/docs', ownPage('reference.html', platformName)],
    ['/pages/reference.js', own('reference.js')],
    ['/pages/reference.css', own('reference.css', stylesheetHeaders)],
    ['/pages/swagger-ui.js', ofSwaggerUi('swagger-ui-bundle.js')],
    ['/pages/swagger-ui.css', ofSwaggerUi('swagger-ui.css')],
    ...documents(platformName),
  ])
}

/** No form that a browser would send by itself: its answers would end up in a URL. */
const contentSecurityPolicy = ownFilesOnly("'none'")

/** After an upgrade a page may look as it did for so long. Scripts have to fit their page, so they are not kept. */
const stylesheetHeaders = { 'cache-control': 'public, max-age=3600' }

function own(name: string, headers?: Readonly<Record<string, string>>): Page {
  return file(new URL(`../../pages/${name}`, import.meta.url), headers)
}

function ownPage(name: string, platformName: string): Page {
  return file(new URL(`../../pages/${name}`, import.meta.url), {}, (html) => ofPlatform(html, platformName))
}

/** The API reference is drawn by Swagger UI, which we serve ourselves so that nobody else is asked for it. */
function ofSwaggerUi(name: string): Page {
  const url = new URL(name, import.meta.resolve('swagger-ui-dist/swagger-ui.css'))
  return file(url, { 'cache-control': 'public, max-age=86400' })
}

/** Read when it is first asked for. */
function file(url: URL, headers: Readonly<Record<string, string>> = {}, finish = (text: string) => text): Page {
  const contentType = contentTypeOf(url.pathname)
  let text: string | undefined
  return () => page((text ??= finish(readFileSync(url, 'utf8'))), contentType, headers)
}

function documents(platformName: string): [string, Page][] {
  const paths = documentPaths()
  return [...paths].map(([name, path]) => {
    let text: string | undefined
    return [path, () => page((text ??= documentPage(platformName, renderDocument(name, paths))), contentTypes.html)]
  })
}

function documentPage(platformName: string, { title, html }: { title: string; html: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="/pages/mark.svg">
<link rel="stylesheet" href="/pages/look.css">
<link rel="stylesheet" href="/pages/document.css">
</head>
<body>
<header class="bar">
<a class="brand" href="/">${escapeHtml(platformName)}</a>
<nav aria-label="Pages">
<a href="/docs/index" aria-current="true">Documents</a>
<a href="/docs">API reference</a>
</nav>
</header>
<main class="prose">
${html}</main>
</body>
</html>
`
}

function page(text: string, contentType: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text, {
    headers: { 'content-type': contentType, 'content-security-policy': contentSecurityPolicy, ...headers },
  })
}
