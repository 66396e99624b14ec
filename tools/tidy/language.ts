// Which parts of the language we leave alone, and what has to be explained.

import type { Node } from 'oxc-parser'
import { mayPrint } from '../house.ts'
import type { Finding, Rule } from './rule.ts'
import type { Source } from './source.ts'

const reasonCharsMin = 12

export const syntaxIsErasable: Rule = {
  promise: 'no enum and no namespace: Node runs the source by erasing the types',
  remedy: 'Write a union of strings or an `as const` object in place of an enum, a module in place of a namespace.',
  find: (source) =>
    where(source, (node) => {
      if (node.type === 'TSEnumDeclaration') return `the enum ${node.id.name}`
      return node.type === 'TSModuleDeclaration' && !node.declare ? 'a namespace' : undefined
    }),
  refuses: [
    ['tests/a.ts', `enum Kind { account }`],
    ['tests/a.ts', `export const enum Kind { account }`],
    ['tests/a.ts', `namespace Kinds { export const account = 1 }`],
  ],
  accepts: [['tests/a.ts', `declare module 'x' {}\nconst kinds = { account: 'acc' } as const`]],
}

export const doubtsAreExplained: Rule = {
  promise: 'whatever silences the compiler or the linter says why',
  remedy: 'Write the reason beside it, or better do without: `// oxlint-disable-next-line rule -- because …`.',
  find: (source) => [
    ...where(source, (node) =>
      node.type === 'TSAsExpression' && node.typeAnnotation.type === 'TSAnyKeyword' && !hasReason(node, source)
        ? '`as any` without a comment on its line or on the line before'
        : undefined,
    ),
    ...source.comments.flatMap(({ value, start }): Finding[] => {
      const what = unexplained(value)
      return what === undefined ? [] : [{ line: source.lineAt(start), what }]
    }),
  ],
  refuses: [
    ['tests/a.ts', `const a = b as any`],
    ['tests/a.ts', `// any\nconst a = b as any`],
    ['tests/a.ts', `// @ts-expect-error\nconst a: string = 1`],
    ['tests/a.ts', `// @ts-ignore: the types of this library are wrong\nconst a: string = 1`],
    ['tests/a.ts', `// @ts-nocheck: all of this is generated from the schema`],
    ['tests/a.ts', `// oxlint-disable-next-line no-eval\neval('1')`],
    ['tests/a.ts', `/* eslint-disable */`],
  ],
  accepts: [
    ['tests/a.ts', `// The library's own types say any here.\nconst a = b as any`],
    ['tests/a.ts', `// @ts-expect-error: what JavaScript callers can do, although the types forbid it\nf(1)`],
    ['tests/a.ts', `// oxlint-disable-next-line no-eval -- the test needs a syntax error at run time\neval('(')`],
    ['tests/a.ts', `const text = '// @ts-ignore'`],
  ],
}

export const programsLog: Rule = {
  promise: 'nothing but the tools, the benchmarks and the element writes to the console',
  remedy: 'Log an event with fields, or write to the stream that was passed in.',
  find: (source) =>
    mayPrint.some((place) => source.path.startsWith(place))
      ? []
      : where(source, (node) =>
          node.type === 'MemberExpression' && node.object.type === 'Identifier' && node.object.name === 'console'
            ? 'uses console'
            : undefined,
        ),
  refuses: [
    ['packages/server/src/main.ts', `console.log('ready')`],
    ['tests/a.ts', `const show = console.error`],
  ],
  accepts: [
    ['tools/a.ts', `console.log('ready')`],
    ['packages/server/src/main.ts', `log.info('console.log')`],
  ],
}

function where(source: Source, problem: (node: Node) => string | undefined): Finding[] {
  return source
    .nodes()
    .flatMap((node) => {
      const what = problem(node)
      return what === undefined ? [] : [{ line: source.lineAt(node.start), what }]
    })
    .toArray()
}

function hasReason(node: Node, source: Source): boolean {
  const line = source.lineAt(node.start)
  return source.comments.some(({ value, end }) => isReason(value) && [line - 1, line].includes(source.lineAt(end)))
}

function unexplained(comment: string): string | undefined {
  if (/@ts-(?:ignore|nocheck)\b/.test(comment)) return 'hides every error: write @ts-expect-error on the line before'
  const expected = /@ts-expect-error\b(?<reason>.*)/s.exec(comment)?.groups
  if (expected !== undefined && !isReason(expected.reason)) return '@ts-expect-error without a reason'
  const silenced = /\b(?:ox|es)lint-disable\S*.*?(?: -- (?<reason>.*))?$/s.exec(comment)?.groups
  return silenced === undefined || isReason(silenced.reason) ? undefined : 'silences a lint rule without a reason'
}

function isReason(text = ''): boolean {
  return text.replaceAll(/[^\p{L} ]/gu, '').trim().length >= reasonCharsMin
}
