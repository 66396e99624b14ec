// The house rules, as ordinary tests. The data is in house.ts, each rule in tidy/, with samples that it must refuse.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { root } from './root.ts'
import { foreignersKeepOut, importsKeepToTheTable, relativeImportsAreFiles } from './tidy/imports.ts'
import { doubtsAreExplained, programsLog, syntaxIsErasable } from './tidy/language.ts'
import { linksLeadSomewhere, namedFilesAreThere } from './tidy/links.ts'
import { lockNamesNoHost, versionsAreExact } from './tidy/manifests.ts'
import { coreIsToldEverything, secretsStayClosed } from './tidy/purity.ts'
import type { Rule, Sample } from './tidy/rule.ts'
import { readSources, Source } from './tidy/source.ts'
import { namesSaySomething, pathsAreRelative, workIsFinished } from './tidy/text.ts'

const rules: readonly Rule[] = [
  importsKeepToTheTable,
  foreignersKeepOut,
  relativeImportsAreFiles,
  coreIsToldEverything,
  secretsStayClosed,
  syntaxIsErasable,
  doubtsAreExplained,
  programsLog,
  workIsFinished,
  pathsAreRelative,
  namesSaySomething,
  versionsAreExact,
  lockNamesNoHost,
  linksLeadSomewhere,
  namedFilesAreThere,
]

const all = readSources(root)

for (const rule of rules) {
  test(rule.promise, () => {
    const findings = [...all.values()].flatMap((source) =>
      rule.find(source, all).map(({ line, what }) => `${source.path}:${line}: ${what}`),
    )
    if (findings.length > 0) assert.fail(`\n${findings.join('\n')}\n${rule.remedy}`)
  })

  test(`what breaks it is found: ${rule.promise}`, () => {
    for (const sample of rule.refuses) assert.ok(findingsIn(rule, sample).length > 0, `accepted: ${sample.join('\n')}`)
    for (const sample of rule.accepts) assert.deepEqual(findingsIn(rule, sample), [], `refused: ${sample.join('\n')}`)
  })
}

function findingsIn(rule: Rule, [path, text]: Sample): string[] {
  const source = new Source(path, text)
  return rule.find(source, new Map([[path, source]])).map(({ what }) => what)
}
