// Runs every `@example` of the doc comments: the lines are executed in order, and a line that ends in `// → value` must
// give that value.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

import * as token from '@chatelaine/token'
import * as keys from '@chatelaine/token/keys'

const src = new URL('../src/', import.meta.url)

for (const file of globSync('**/*.ts', { cwd: src })) {
  const source = readFileSync(new URL(file, src), 'utf8')
  for (const [, example, declared] of source.matchAll(
    /@example\n((?: \* .*\n)+?) \*\/\nexport (?:class|function) (\w+)/g,
  )) {
    test(`the example of ${declared} in ${file} is true`, () => {
      runInNewContext(asAssertions(example!.replaceAll(/^ \* /gm, '')), { ...token, ...keys, check })
    })
  }
}

function asAssertions(example: string): string {
  return example.replaceAll(/^(.*) \/\/ → (.*)$/gm, 'check($1, $2)')
}

// The context has constructors of its own, so that values from there are brought here before they are compared.
function check(actual: unknown, expected: unknown): void {
  assert.deepEqual(actual, expected === undefined ? undefined : structuredClone(expected))
}
