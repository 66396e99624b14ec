import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { Marked, type Tokens } from 'marked'

/** The project's own documents: what stands in `docs/errors/not-found.md` is shown under `/docs/errors/not-found`. */
const documentsRoot = new URL('../../../../docs/', import.meta.url)

/** The path of each document, by its file's path in `docs/`. */
export function documentPaths(): ReadonlyMap<string, string> {
  const files = readdirSync(documentsRoot, { recursive: true, encoding: 'utf8' })
  const documents = files.map((file) => file.replaceAll('\\', '/')).filter((file) => file.endsWith('.md'))
  return new Map(documents.map((file) => [file, pathOf(file)]))
}

/** A folder's README is the folder's own page; that of all is the index, since `/docs` is the API reference. */
function pathOf(file: string): string {
  if (file === 'README.md') return '/docs/index'
  return `/docs/${file.replace(/(?:\/README)?\.md$/, '')}`
}

/** One document as the inside of a page. Links to other documents lead to their pages; what is none of them is text. */
export function renderDocument(file: string, paths: ReadonlyMap<string, string>): { title: string; html: string } {
  const text = readFileSync(new URL(file, documentsRoot), 'utf8')
  const markdown = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${slugOf(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`
      },
      link(link) {
        const inside = this.parser.parseInline(link.tokens)
        const href = hrefOf(link, file, paths)
        return href === undefined ? inside : `<a href="${escapeHtml(href)}">${inside}</a>`
      },
      html: ({ text }) => escapeHtml(text),
    },
  })
  const title = /^# (.*)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? file
  return { title, html: scrollable(markdown.parse(text, { async: false })) }
}

/** What may be wider than the window can be reached by the keyboard, so that it can be scrolled by it. */
function scrollable(html: string): string {
  return html
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll('<table>', '<div class="prose-table" tabindex="0"><table>')
    .replaceAll('</table>', '</table></div>')
}

function hrefOf({ href }: Tokens.Link, file: string, paths: ReadonlyMap<string, string>): string | undefined {
  if (/^(?:https?:|#)/.test(href)) return href
  const [target = '', heading] = href.split('#')
  const path =
    paths.get(posix.join(posix.dirname(file), target)) ??
    paths.get(posix.join(posix.dirname(file), target, 'README.md'))
  return path === undefined || heading === undefined ? path : `${path}#${heading}`
}

/** As the common viewers of Markdown name headings: lower case, hyphens for spaces, no punctuation. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

/** For the text of an element, and for an attribute between double quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
