import { readFileSync } from 'node:fs'
import { problems, problemType, type ProblemKey } from '@chatelaine/api'
import { HttpProblem } from './problem.ts'

/** Answers a request for a page; `params` are those of its path. */
export type Page = (params: Readonly<Record<string, string>>) => Response

/** What the server itself shows to people, by path: where they are, the first set-up, and what a problem means. */
export function pages(): Map<string, Page> {
  return new Map([
    ['/', file('home.html', 'text/html; charset=utf-8')],
    ['/setup', file('set-up.html', 'text/html; charset=utf-8')],
    ['/pages/set-up.js', file('set-up.js', 'text/javascript; charset=utf-8')],
    ['/pages/page.css', file('page.css', 'text/css; charset=utf-8')],
    [problemType(':key' as ProblemKey), problemPage],
  ])
}

/** Nothing but our own files, and no form that a browser would send by itself: its answers would end up in a URL. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

function file(name: string, contentType: string): Page {
  const text = readFileSync(new URL(`../../pages/${name}`, import.meta.url), 'utf8')
  return () => page(text, contentType)
}

function page(text: string, contentType: string): Response {
  return new Response(text, {
    headers: { 'content-type': contentType, 'content-security-policy': contentSecurityPolicy },
  })
}

/** The page that the `type` of an answer leads to. */
function problemPage({ key = '' }: Readonly<Record<string, string>>): Response {
  if (!Object.hasOwn(problems, key)) throw new HttpProblem('route-not-found', 'There is no problem of this name.')
  const { title, status, meaning, remedy } = problems[key as ProblemKey]
  const text = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<link rel="stylesheet" href="/pages/page.css">
<main>
<h1>${escaped(title)}</h1>
<p><code>${key}</code>, HTTP status ${status}</p>
<h2>What it means</h2>
<p>${withCode(escaped(meaning))}</p>
<h2>What to do</h2>
<p>${withCode(escaped(remedy))}</p>
</main>
</html>
`
  return page(text, 'text/html; charset=utf-8')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** The table's words are Markdown of the plainest sort. */
function withCode(text: string): string {
  return text.replaceAll(/`([^`]*)`/g, '<code>$1</code>')
}
