// `npm test`: every check and every test. `npm test -- PATTERN…`: only the test files that match, and no checks.

import { buildConsole } from './build-console.ts'
import { runChecks } from './checks.ts'
import { findTests, runSuites } from './suites.ts'
import { conclude, emptyTally, note, print } from './tally.ts'

const patterns = process.argv.slice(2)
const tally = emptyTally()
const { files, unmatched } = findTests(patterns)

if (patterns.length === 0) await runChecks(tally)
else print(`Only ${files.length} test files, those that match: ${patterns.join(' ')}. The checks are left out.`)
for (const pattern of unmatched) {
  const detail = 'Give a glob, or any part of the path of a test file.'
  note(tally, { kind: 'fail', title: `no test file matches ${pattern}`, tookMs: 0, detail })
}
buildConsole()
await runSuites(files, tally)
conclude(tally)
