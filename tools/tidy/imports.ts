// Who may import whom.

import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import type { Node } from 'oxc-parser'
import { places } from '../house.ts'
import type { Finding, Rule } from './rule.ts'
import { isCode, type Source } from './source.ts'

const scope = '@chatelaine/'

type Import = { readonly line: number; readonly specifier: string | undefined }

export const importsKeepToTheTable: Rule = {
  promise: 'packages import only the packages of ours that the table in tools/house.ts names, and by their names',
  remedy: 'Move the code to where it may know this, or pass in what it needs; the table changes only with the design.',
  find: (source) => {
    const from = source.package
    if (from === undefined) return []
    const place = places[from]
    if (place === undefined) return [{ line: 1, what: `the package ${from} is not in the table of tools/house.ts` }]
    return importsOf(source).flatMap(({ line, specifier }): Finding[] => {
      if (specifier === undefined) return [{ line, what: 'imports something whose name is known only when it runs' }]
      if (isRelative(specifier)) {
        const target = posix.join(posix.dirname(source.path), specifier)
        return target.startsWith(`packages/${from}/`) ? [] : [{ line, what: `reaches ${target} by its path` }]
      }
      if (!specifier.startsWith(scope)) return []
      const entry = specifier.slice(scope.length)
      const [target = ''] = entry.split('/')
      const ours = source.isProduct ? place.ours : [...place.ours, ...(place.oursInTests ?? [])]
      const allowed = target === from || ours.includes(entry) || ours.includes(`${target}/*`)
      return allowed ? [] : [{ line, what: `${from} may not import ${specifier}` }]
    })
  },
  refuses: [
    ['packages/core/src/a.ts', `import { db } from '@chatelaine/storage/sqlite'`],
    ['packages/core/src/a.ts', `import type { Ring } from '@chatelaine/token/keys'`],
    ['packages/core/src/a.ts', `import { db } from '../../storage/src/sqlite/index.ts'`],
    ['packages/core/src/a.ts', `const db = await import('@chatelaine/storage/sqlite')`],
    ['packages/core/src/a.ts', `const db = await import(name)`],
    ['packages/core/src/a.ts', `export * from '@chatelaine/api'`],
    ['packages/core/src/a.ts', `export { a } from '@chatelaine/api'`],
    ['packages/core/src/a.ts', `type A = import('@chatelaine/api').A`],
    ['packages/core/test/a.test.ts', `import { db } from '@chatelaine/storage/sqlite'`],
    ['packages/token/src/a.ts', `import { decide } from '@chatelaine/core'`],
    ['packages/storage/src/a.ts', `import { route } from '@chatelaine/api'`],
    ['packages/storage/src/a.ts', `new Worker(new URL('../../core/src/worker.ts', import.meta.url))`],
    ['packages/sdk/src/a.ts', `import { decide } from '@chatelaine/core'`],
    ['packages/console/src/a.ts', `import { decide } from '@chatelaine/core'`],
    ['packages/api/src/a.ts', `import { inRoot } from '../../../tools/root.ts'`],
    ['packages/attic/src/a.ts', `export const a = 1`],
  ],
  accepts: [
    ['packages/core/src/a.ts', `import { parse } from '@chatelaine/token'\nimport { b } from './b.ts'`],
    ['packages/core/src/a.ts', `// import { db } from '@chatelaine/storage/sqlite'`],
    ['packages/server/src/a.ts', `import { db } from '@chatelaine/storage/sqlite'`],
    ['packages/core/test/a.test.ts', `import { decide } from '@chatelaine/core'`],
    ['packages/core/test/a.test.ts', `import { KeyRing } from '@chatelaine/token/keys'`],
    ['packages/token/test/a.test.ts', `readFileSync(new URL('../../../spec/vectors/a.json', import.meta.url))`],
    ['tests/a.test.ts', `import { db } from '@chatelaine/storage/sqlite'`],
  ],
}

export const foreignersKeepOut: Rule = {
  promise: 'the source of a package imports node: and other people’s packages only where tools/house.ts lets it',
  remedy: 'Describe what is needed as a port, and let the package that may know it implement the port.',
  find: (source) => {
    const place = places[source.package ?? '']
    if (place === undefined || !source.isProduct) return []
    return importsOf(source).flatMap(({ line, specifier }): Finding[] => {
      if (specifier === undefined || isRelative(specifier) || specifier.startsWith(scope)) return []
      if (isBuiltin(specifier)) {
        if (!specifier.startsWith('node:')) return [{ line, what: `${specifier} is Node’s: write node:${specifier}` }]
        return place.node ? [] : [{ line, what: `${source.package} may not import ${specifier}` }]
      }
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
      const allowed = place.theirs === 'any' || place.theirs.includes(name)
      return allowed ? [] : [{ line, what: `${source.package} may not import ${specifier}` }]
    })
  },
  refuses: [
    ['packages/core/src/a.ts', `import { readFileSync } from 'node:fs'`],
    ['packages/core/src/a.ts', `import { z } from 'zod'`],
    ['packages/core/src/a.ts', `import { z } from 'zod/mini'`],
    ['packages/core/src/a.ts', `const fs = process.getBuiltinModule('node:fs')`],
    ['packages/token/src/a.ts', `import { z } from 'zod'`],
    ['packages/server/src/a.ts', `import { readFileSync } from 'fs'`],
  ],
  accepts: [
    ['packages/core/test/a.test.ts', `import { test } from 'node:test'\nimport fc from 'fast-check'`],
    ['packages/storage/src/a.ts', `import { DatabaseSync } from 'node:sqlite'`],
    ['packages/api/src/a.ts', `import { z } from 'zod'`],
  ],
}

export const relativeImportsAreFiles: Rule = {
  promise: 'a relative import names a file, with its ending',
  remedy: 'Write the name of the file as it stands on the disk: Node looks for no other.',
  find: (source, all) =>
    importsOf(source).flatMap(({ line, specifier }) => {
      if (specifier === undefined || !isRelative(specifier)) return []
      const target = posix.join(posix.dirname(source.path), specifier)
      return all.has(target) ? [] : [{ line, what: `${specifier} is not a file` }]
    }),
  refuses: [
    ['tests/a.ts', `import { b } from './b'`],
    ['tests/a.ts', `import { b } from './b.js'`],
    ['tests/a.ts', `export * from '..'`],
  ],
  accepts: [['tests/a.ts', `import { self } from './a.ts'`]],
}

/** Every import, of whatever form: static, re-exported, dynamic, in a type, or the address of a worker. */
function importsOf(source: Source): Import[] {
  return source
    .nodes()
    .flatMap((node) => importsIn(node, source))
    .toArray()
}

function importsIn(node: Node, source: Source): Import[] {
  const line = source.lineAt(node.start)
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return [{ line, specifier: node.source.value }]
    case 'ExportNamedDeclaration':
      return node.source === null ? [] : [{ line, specifier: node.source.value }]
    case 'ImportExpression':
    case 'TSImportType':
      return [{ line, specifier: literal(node.source) }]
    case 'NewExpression': {
      const [address, base] = node.arguments
      const isOfModule = base !== undefined && source.text.slice(base.start, base.end) === 'import.meta.url'
      const specifier = literal(address)
      return isOfModule && specifier !== undefined && isCode(specifier) ? [{ line, specifier }] : []
    }
    case 'CallExpression': {
      const callee = source.text.slice(node.callee.start, node.callee.end)
      const loads = ['require', 'import.meta.resolve', 'process.getBuiltinModule'].includes(callee)
      return loads ? [{ line, specifier: literal(node.arguments[0]) }] : []
    }
    default:
      return []
  }
}

function literal(node: Node | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined
}

function isRelative(specifier: string): boolean {
  return specifier === '.' || specifier === '..' || specifier.startsWith('./') || specifier.startsWith('../')
}
