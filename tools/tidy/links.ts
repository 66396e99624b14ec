// Where our documents point.

import { posix } from 'node:path'
import type { Finding, Rule } from './rule.ts'
import type { Source } from './source.ts'

export const linksLeadSomewhere: Rule = {
  promise: 'every link in a document to a file of the repository, or to a heading in it, leads there',
  remedy: 'Point it at what is there, by the path from the document.',
  find: (source, all) => {
    if (!source.path.endsWith('.md')) return []
    return linksOf(source).flatMap(({ line, target }): Finding[] => {
      if (/^[a-z][\w+.-]*:/i.test(target)) return []
      const [path = '', heading] = target.split('#')
      const file = path === '' ? source.path : posix.join(posix.dirname(source.path), decodeURI(path))
      const directory = file.endsWith('/') ? file : `${file}/`
      if (!all.has(file) && !all.keys().some((known) => known.startsWith(directory)))
        return [{ line, what: `${target} does not exist` }]
      const document = all.get(file)
      if (heading === undefined || document === undefined || !file.endsWith('.md')) return []
      return headingsOf(document).includes(heading) ? [] : [{ line, what: `${target} is not a heading` }]
    })
  },
  refuses: [
    ['docs/a.md', `see [b](b.md)`],
    ['docs/a.md', `see [b](/docs/b.md)`],
    ['docs/a.md', `![b](b.png "a picture")`],
    ['docs/a.md', `see [b]\n\n[b]: ../b.md`],
    ['docs/a.md', `# One\n\nsee [two](#two)`],
  ],
  accepts: [
    ['docs/a.md', `see [us](https://chatelaine.example), [itself](a.md), [its place](../docs/)`],
    ['docs/a.md', `# One, and *only* \`one\`\n\nsee [it](#one-and-only-one) or [it](a.md#one-and-only-one)`],
    ['docs/a.md', '```\n[b](b.md)\n```\nand `[b](b.md)`'],
  ],
}

export const namedFilesAreThere: Rule = {
  promise: 'every file or folder of ours that a document names is there',
  remedy: 'Name it by its path, or by the end of it, as it is now.',
  find: (source, all) => {
    if (!source.path.endsWith('.md')) return []
    return namesIn(source)
      .filter(({ name }) => isOurs(name) && !all.keys().some((path) => names(name, path)))
      .map(({ line, name }) => ({ line, what: `${name} does not exist` }))
  },
  refuses: [
    ['docs/a.md', 'see `gone.ts`'],
    ['docs/a.md', 'see `http/gone.js`, which is gone'],
    ['docs/a.md', 'see `packages/gone`'],
    ['docs/a.md', 'see `tests/gone/`'],
    ['docs/a.md', 'see `core/src/gone`'],
    ['docs/aa.md', 'see `a.md`'],
  ],
  accepts: [
    ['docs/a.md', 'see `docs/`, `docs/a.md`, `a.md`'],
    ['docs/a.md', 'a name ends in `.ts`, a path of a URL is `/docs/a.js`, a type is `text/html`'],
    ['docs/a.md', '```sh\nnode gone.ts\n```'],
  ],
}

/** What stands between backticks within a line of prose. */
function namesIn(source: Source): { line: number; name: string }[] {
  const spans = source.text.replaceAll(/^```.*?^```/gms, blank).matchAll(/`([^`\n]+)`/g)
  return spans.map(({ index, 1: name = '' }) => ({ line: source.lineAt(index), name })).toArray()
}

/** Whether it looks like a source or a document, or like a place in this repository. */
function isOurs(name: string): boolean {
  return (
    /^[\w-]+(?:[./][\w-]+)*\.(?:ts|tsx|js|md)$/.test(name) ||
    /^(?:(?:packages|tests|tools|docs|spec|bench)|[\w-]+\/(?:src|test))(?:\/[\w.-]+)*\/?$/.test(name)
  )
}

/** Whether the name is the end of this path, or of a folder on it. */
function names(name: string, path: string): boolean {
  return `/${path}/`.includes(name.endsWith('/') ? `/${name}` : `/${name}/`)
}

function linksOf(source: Source): { line: number; target: string }[] {
  const prose = withoutCode(source.text)
  const inline = prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)
  const definitions = prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*(\S+)/gm)
  return [...inline, ...definitions].map((match) => ({ line: source.lineAt(match.index), target: match[1] ?? '' }))
}

/** As the common viewers of Markdown name them in links: lower case, hyphens for spaces, no punctuation. */
function headingsOf(document: Source): string[] {
  return document.text
    .replaceAll(/^```.*?^```/gms, '')
    .matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)
    .map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    )
    .toArray()
}

/** Blanks what is code, and keeps every other character at its place. */
function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```/gms, blank).replaceAll(/`[^`\n]+`/g, blank)
}

function blank(code: string): string {
  return code.replaceAll(/[^\n]/g, ' ')
}
