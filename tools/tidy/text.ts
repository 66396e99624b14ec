// What no file holds or is called, whatever its language.

import { emptyNames, privateDirectories, unfinishedWords } from '../house.ts'
import type { Finding, Rule } from './rule.ts'
import type { Source } from './source.ts'

export const workIsFinished: Rule = {
  promise: 'no file holds a word for unfinished work',
  remedy: 'Finish it, or open an issue and say here what holds until then.',
  // The hashes in the lock file are letters by chance.
  find: (source) =>
    source.path === 'package-lock.json' ? [] : linesWith(source, new RegExp(`\\b(?:${unfinishedWords.join('|')})\\b`)),
  refuses: ['todo', 'fixme', 'xxx'].map((word) => ['docs/a.md', `first\n${word.toUpperCase()}: the rest`]),
  accepts: [
    ['tests/a.ts', `test('later', { todo: true })`],
    ['tests/a.ts', `mkdtemp('a-${'X'.repeat(6)}')`],
  ],
}

export const pathsAreRelative: Rule = {
  promise: 'no file holds a path of the machine that it was written on',
  remedy: 'Write the path from the root of the repository, or let the person choose one.',
  find: (source) => linesWith(source, new RegExp(`(?<![\\w.~-])/(?:${privateDirectories.join('|')})/`)),
  refuses: privateDirectories.map((name) => ['docs/a.md', `see /${name}/me/notes`]),
  accepts: privateDirectories.map((name) => ['docs/a.md', `see docs/${name}/notes and https://a.example/${name}/`]),
}

export const namesSaySomething: Rule = {
  promise: 'no file or directory has a name that says nothing of what is inside',
  remedy: `Name it after the one thing it is about. None of: ${emptyNames.join(', ')}.`,
  find: (source) =>
    source.path
      .split('/')
      .filter((part) => emptyNames.includes((part.split('.')[0] ?? '').toLowerCase()))
      .map((part) => ({ line: 1, what: `is called ${part}` })),
  refuses: [
    ['packages/core/src/utils.ts', ''],
    ['packages/core/src/helpers/time.ts', ''],
    ['tests/common.test.ts', ''],
  ],
  accepts: [['packages/core/src/library.ts', '']],
}

function linesWith(source: Source, pattern: RegExp): Finding[] {
  return source.text.split('\n').flatMap((text, index) => {
    const found = pattern.exec(text)
    return found === null ? [] : [{ line: index + 1, what: `holds ${found[0]}` }]
  })
}
