// What we depend on.

import type { Finding, Rule } from './rule.ts'
import type { Source } from './source.ts'

export const versionsAreExact: Rule = {
  promise: 'every dependency has one exact version',
  remedy: 'Write the version without ^ or ~, and install again.',
  find: (source) => {
    if (!/(?:^|\/)package\.json$/.test(source.path)) return []
    const manifest = JSON.parse(source.text) as Record<string, Record<string, string> | undefined>
    return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((field) =>
      Object.entries(manifest[field] ?? {})
        .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        .map(([name, version]) => ({ line: lineOf(source, `"${name}"`), what: `${name} is wanted as ${version}` })),
    )
  },
  refuses: [
    ['package.json', `{ "dependencies": { "zod": "^4.6.7" } }`],
    ['packages/api/package.json', `{ "devDependencies": { "zod": "latest" } }`],
    ['package.json', `{ "optionalDependencies": { "zod": "4" } }`],
  ],
  accepts: [['package.json', `{ "dependencies": { "zod": "4.6.7" }, "engines": { "node": ">=20" } }`]],
}

export const lockNamesNoHost: Rule = {
  promise: 'the lock file names no host, so that every registry and mirror serves',
  remedy: 'Keep omit-lockfile-registry-resolved=true in .npmrc, and write the lock file again.',
  find: (source) =>
    source.path !== 'package-lock.json'
      ? []
      : source.text.split('\n').flatMap((text, index): Finding[] => {
          const host = /"resolved": "(\w[\w+.-]*:[^"]*)"/.exec(text)
          return host === null ? [] : [{ line: index + 1, what: `names ${host[1]}` }]
        }),
  refuses: [['package-lock.json', `"resolved": "https://packages.example/zod/-/zod-4.6.7.tgz",`]],
  accepts: [['package-lock.json', `"resolved": "packages/api",`]],
}

function lineOf(source: Source, text: string): number {
  return source.lineAt(Math.max(0, source.text.indexOf(text)))
}
