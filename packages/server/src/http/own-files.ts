import { escapeHtml } from './documents.ts'

/** What the files that we show in browsers are, by how their names end. */
export const contentTypes = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
} as const satisfies Readonly<Record<string, string>>

/** The content type of the file of this name; bytes without a meaning where we know of none. */
export function contentTypeOf(name: string): string {
  const ending = name.slice(name.lastIndexOf('.') + 1)
  return Object.hasOwn(contentTypes, ending)
    ? contentTypes[ending as keyof typeof contentTypes]
    : 'application/octet-stream'
}

/** A page of ours as the people of a platform see it: `{platform}` in it is how they call what they use. */
export function ofPlatform(html: string, platformName: string): string {
  return html.replaceAll('{platform}', () => escapeHtml(platformName))
}

/**
 * The policy of a page that may load our own files, and nothing else. Styles that a script sets one by one are no inline
 * styles.
 * @param formAction where its forms may lead
 */
export function ownFilesOnly(formAction: "'self'" | "'none'"): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ')
}
