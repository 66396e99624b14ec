// `npm run bench`: measures everything, or the rows that are named, and prints a table for each. With --write it also
// puts them into the README, in place of what stood there of the same rows.
//
//   npm run bench -- [row…] [--rounds 5] [--seconds 2] [--many 1000000] [--json] [--write]

import { parseArgs } from 'node:util'
import { describeMachine } from './machine.ts'
import { writeReport } from './report.ts'
import { rows, type RowName } from './rows.ts'
import { openScene } from './scratch.ts'
import { formatTable, type Line } from './table.ts'

/** Fewer say little. */
const roundsUsual = 5
const warmUpMs = 500

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: String(roundsUsual) },
    seconds: { type: 'string', default: '2' },
    many: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const names = positionals.length === 0 ? (Object.keys(rows) as RowName[]) : positionals.map(rowNamed)
const scene = openScene({
  roundCount: number(values.rounds),
  measuredMs: 1_000 * number(values.seconds),
  warmUpMs,
  manyTokens: number(values.many),
})
const machine = describeMachine()
const measured = new Map<RowName, readonly Line[]>()
try {
  for (const name of names) {
    console.error(`measuring ${name}`)
    measured.set(name, await rows[name](scene))
  }
} finally {
  scene.close()
}
const length = `${scene.roundCount} rounds of ${values.seconds} s`
const sections = new Map([...measured].map(([name, lines]) => [name, `${length}\n\n${formatTable(lines)}`]))
console.log(
  values.json
    ? JSON.stringify({ machine, rounds: scene.roundCount, rows: Object.fromEntries(measured) }, undefined, 2)
    : [machine, ...[...sections].map(([name, section]) => `### ${name}\n\n${section}`)].join('\n\n'),
)
if (values.write) writeReport({ machine, sections }, Object.keys(rows))

function rowNamed(name: string): RowName {
  if (Object.hasOwn(rows, name)) return name as RowName
  console.error(`chatelaine: error: there is no row ${name}`)
  console.error(`chatelaine: hint: there are ${Object.keys(rows).join(', ')}`)
  return process.exit(2)
}

function number(text: string): number {
  const value = Number(text)
  if (value > 0) return value
  console.error(`chatelaine: error: ${text} is no number above 0`)
  return process.exit(2)
}
