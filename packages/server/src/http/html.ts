import { escapeHtml } from './documents.ts'
import { contentTypes } from './own-files.ts'

/** Text that is HTML already. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = string | Html | undefined | readonly Part[]

/** HTML of a template. Whatever is put into it is text and is escaped, unless it is `Html` itself; `undefined` is nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.map((text, index) => text + textOf(parts[index])).join(''))
}

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (part instanceof Html) return part.text
  return typeof part === 'string' ? escapeHtml(part) : part.map(textOf).join('')
}

/** What was wrong with what was sent, read out when it appears; nothing where nothing was. */
export function faultNotice(fault: string | undefined): Html | undefined {
  if (fault === undefined) return undefined
  return html`<div class="notice notice-fault" role="alert"><p>${fault}</p></div>`
}

/** A page of forms. */
export interface FormPage {
  /** Whose page it is, for the people in front of it. */
  readonly platformName: string
  readonly title: string
  readonly body: Html
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Where besides the page itself its form may lead, as a source of the policy (CSP 3 §2.3.1): browsers hold redirects to it. */
  readonly leadsTo?: string
}

/** It works without scripts, and none runs; nothing may frame it. */
export function formPage({ platformName, title, body, status = 200, headers = {}, leadsTo }: FormPage): Response {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    `form-action 'self'${leadsTo === undefined ? '' : ` ${leadsTo}`}`,
    "frame-ancestors 'none'",
  ]
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="/pages/mark.svg" />
        <link rel="stylesheet" href="/pages/look.css" />
        <link rel="stylesheet" href="/pages/controls.css" />
        <link rel="stylesheet" href="/pages/form.css" />
      </head>
      <body class="gate">
        <header class="brand">${platformName}</header>
        <main class="sheet">${body}</main>
      </body>
    </html> `
  return new Response(page.text, {
    status,
    headers: {
      'content-type': contentTypes.html,
      'content-security-policy': policy.join('; '),
      // Without it a browser would not say that a form comes from us.
      'referrer-policy': 'same-origin',
      ...headers,
    },
  })
}
