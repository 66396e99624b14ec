// What the domain may not know, and who may open a Secret.

import type { Node } from 'oxc-parser'
import { globalsUnknownToCore, mayReveal, membersUnknownToCore } from '../house.ts'
import type { Finding, Rule } from './rule.ts'
import type { Source } from './source.ts'

export const coreIsToldEverything: Rule = {
  promise: 'core has no clock, no timer, no randomness and no environment of its own',
  remedy: 'Take it as a parameter or through a port; only main.ts constructs. A name of your own: choose another.',
  find: (source) => {
    if (source.package !== 'core' || !source.isProduct) return []
    const names = new Set<Node>()
    return source
      .nodes()
      .flatMap((node): Finding[] => {
        for (const name of plainNames(node)) names.add(name)
        const known = names.has(node) ? undefined : knowledgeIn(node)
        return known === undefined ? [] : [{ line: source.lineAt(node.start), what: known }]
      })
      .toArray()
  },
  refuses: [
    ['packages/core/src/a.ts', `const now = Date.now()`],
    ['packages/core/src/a.ts', `const now = Date['now']()`],
    ['packages/core/src/a.ts', `const clock = Date.now`],
    ['packages/core/src/a.ts', `const now = new Date()`],
    ['packages/core/src/a.ts', `const now = Date()`],
    ['packages/core/src/a.ts', `const now = performance.now()`],
    ['packages/core/src/a.ts', `setTimeout(() => {}, 10)`],
    ['packages/core/src/a.ts', `const later = setInterval`],
    ['packages/core/src/a.ts', `queueMicrotask(() => {})`],
    ['packages/core/src/a.ts', `const id = Math.random()`],
    ['packages/core/src/a.ts', `const id = crypto.randomUUID()`],
    ['packages/core/src/a.ts', `const ports = { crypto }`],
    ['packages/core/src/a.ts', `const home = process.env.HOME`],
    ['packages/core/src/a.ts', `const home = globalThis['process']`],
  ],
  accepts: [
    ['packages/core/src/a.ts', `const at = new Date(now).toISOString()`],
    ['packages/core/src/a.ts', `const at = Date.parse(text)`],
    ['packages/core/src/a.ts', `const at = ports.clock.now()\nconst id = ports.crypto.id()`],
    ['packages/core/src/a.ts', `type Ports = { crypto: Crypto; process(): void }\nconst ports = { performance: 1 }`],
    ['packages/core/src/a.ts', `// Date.now() is passed in.`],
    ['packages/core/test/a.test.ts', `const now = Date.now()`],
    ['packages/server/src/a.ts', `const now = Date.now()`],
  ],
}

export const secretsStayClosed: Rule = {
  promise: 'only the files that tools/house.ts lists take the text out of a Secret',
  remedy:
    'Hand the Secret on as it is. If this is where it must be opened, add the file to mayReveal, with the reason.',
  find: (source) => {
    const lines = source.isProduct ? revealsIn(source) : []
    if (source.path in mayReveal) return lines.length > 0 ? [] : [{ line: 1, what: 'is listed in mayReveal in vain' }]
    return lines.map((line) => ({ line, what: 'calls reveal' }))
  },
  refuses: [
    ['packages/server/src/a.ts', `log(token.reveal())`],
    ['packages/server/src/a.ts', `const open = token.reveal`],
    ['packages/server/src/a.ts', `log(token?.['reveal']())`],
    ...Object.keys(mayReveal).map((path) => [path, `export const nothing = 1`] as const),
  ],
  accepts: [
    ['packages/server/src/a.ts', `// token.reveal() is the only way out.`],
    ['packages/token/src/secret.ts', `class Secret { reveal() {} }`],
    ['tests/a.test.ts', `const text = token.reveal()`],
  ],
}

function revealsIn(source: Source): number[] {
  return source
    .nodes()
    .filter((node) => node.type === 'MemberExpression' && propertyOf(node) === 'reveal')
    .map((node) => source.lineAt(node.start))
    .toArray()
}

/** What core would know by this node, or undefined. */
function knowledgeIn(node: Node): string | undefined {
  switch (node.type) {
    case 'Identifier': {
      const known = Object.hasOwn(globalsUnknownToCore, node.name) ? globalsUnknownToCore[node.name] : undefined
      return known === undefined ? undefined : `${node.name} is ${known}`
    }
    case 'MemberExpression': {
      const name = node.object.type === 'Identifier' ? `${node.object.name}.${propertyOf(node) ?? ''}` : ''
      const known = membersUnknownToCore[name]
      return known === undefined ? undefined : `${name} is ${known}`
    }
    case 'NewExpression':
    case 'CallExpression': {
      const isDate = node.callee.type === 'Identifier' && node.callee.name === 'Date'
      const readsClock = isDate && (node.type === 'CallExpression' || node.arguments.length === 0)
      return readsClock ? 'a Date of now is a clock' : undefined
    }
    default:
      return undefined
  }
}

/** Those children of a node that are names of properties and refer to nothing. */
function plainNames(node: Node): Node[] {
  if (node.type === 'MemberExpression') return node.computed ? [] : [node.property]
  // Of a shorthand `{ name }` the value refers to something, though the key does not.
  const isKeyed = 'key' in node && 'computed' in node && !node.computed
  return isKeyed && node.key !== null ? [node.key] : []
}

function propertyOf(node: Extract<Node, { type: 'MemberExpression' }>): string | undefined {
  if (!node.computed) return 'name' in node.property ? node.property.name : undefined
  return node.property.type === 'Literal' ? String(node.property.value) : undefined
}
