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
