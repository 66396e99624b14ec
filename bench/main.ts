// `npm run bench`: measures everything, or the rows that are named, and prints one table. With --write it also puts the
// table into the README.
//
//   npm run bench -- [row…] [--rounds 5] [--seconds 2] [--many 1000000] [--json]
//   npm run bench -- --write [--rounds 5] [--seconds 2] [--many 1000000] [--json]

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
if (values.write && positionals.length > 0) {
  console.error('chatelaine: error: --write is for a whole run: some rows alone would take the place of all')
  console.error('chatelaine: hint: leave out the names of the rows, or --write')
  process.exit(2)
}
const scene = openScene({
  roundCount: number(values.rounds),
  measuredMs: 1_000 * number(values.seconds),
  warmUpMs,
  manyTokens: number(values.many),
})
const lines: Line[] = []
try {
  for (const name of names) {
    console.error(`measuring ${name}`)
    lines.push(...(await rows[name](scene)))
  }
} finally {
  scene.close()
}
const report = `${describeMachine()}\n${scene.roundCount} rounds of ${values.seconds} s\n\n${formatTable(lines)}`
console.log(
  values.json ? JSON.stringify({ machine: describeMachine(), rounds: scene.roundCount, lines }, undefined, 2) : report,
)
if (values.write) writeReport(report)

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
