// The files of the repository, as the rules see them.

import { readdirSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { parseSync, type Node, type ParseResult } from 'oxc-parser'

/** One text file. `path` is from the root, with `/` between the parts. */
export class Source {
  readonly path: string
  readonly text: string
  #parsed: ParseResult | undefined

  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }

  /** The package that it belongs to, such as `core`; undefined for all that lies outside `packages/`. */
  get package(): string | undefined {
    return /^packages\/([^/]+)\//.exec(this.path)?.[1]
  }

  /** Whether it is part of what runs in production. */
  get isProduct(): boolean {
    return /^packages\/[^/]+\/src\//.test(this.path)
  }

  /** Everything in the syntax tree, from the outside in; nothing for files that are not code. */
  *nodes(): Generator<Node> {
    if (isCode(this.path)) yield* within(this.#parse().program)
  }

  get comments(): ParseResult['comments'] {
    return isCode(this.path) ? this.#parse().comments : []
  }

  lineAt(offset: number): number {
    return this.text.slice(0, offset).split('\n').length
  }

  #parse(): ParseResult {
    this.#parsed ??= parseSync(this.path, this.text, { astType: 'ts' })
    const [error] = this.#parsed.errors
    if (error !== undefined) throw new Error(`${this.path} cannot be read: ${error.message}`)
    return this.#parsed
  }
}

/** Whether the file is TypeScript or JavaScript, by its name. */
export function isCode(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path)
}

/** Every text file below `root` that version control would keep, by its path. */
export function readSources(root: string): ReadonlyMap<string, Source> {
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/\/$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
  const isIgnored = (name: string) => name === '.git' || ignored.some((pattern) => matchesGlob(name, pattern))
  const sources = new Map<string, Source>()
  const read = (directory: string) => {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      if (isIgnored(entry.name)) continue
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (entry.isDirectory()) read(path)
      else if (entry.isFile()) {
        const text = readFileSync(join(root, path), 'utf8')
        if (!text.includes('\0')) sources.set(path, new Source(path, text))
      }
    }
  }
  read('')
  return sources
}

function* within(node: Node): Generator<Node> {
  yield node
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* within(child)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}
