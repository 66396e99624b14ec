// `npm run sim -- --seeds N`: so many runs of a small deployment in which everything goes wrong, each under a seed of its
// own. `npm run sim -- --seed S`: the one run under this seed, with all that went wrong in it.

import { parseArgs } from 'node:util'
import { simulate } from '../packages/core/test/simulation/simulate.ts'
import { print } from './tally.ts'

const options = { seeds: { type: 'string', default: '1000' }, seed: { type: 'string' } } as const
const { values } = parseArgs({ options })
const isOne = values.seed !== undefined
const [first, count] = isOne ? [Number(values.seed), 1] : [1, Number(values.seeds)]
if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count) || count < 1) {
  print('--seeds and --seed want whole numbers')
  process.exit(2)
}

const sums = { verifications: 0, accepted: 0, unanswered: 0, takingsAnswered: 0 }
const heldUpMs: number[] = []
let failed = 0
const beganMs = performance.now()

for (let seed = first; seed < first + count; seed += 1) {
  const run = await simulate({ seed })
  for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += run[name]
  if (run.isHealthy) heldUpMs.push(...run.heldUpMs)
  if (run.violations.length === 0) continue
  failed += 1
  print(`seed ${seed}: ${isOne ? run.violations.join('\n') : run.violations[0]}`)
}

const inAll = ((performance.now() - beganMs) / 1_000).toFixed(0)
print(
  `${sums.verifications} verifications, ${sums.accepted} accepted, ${sums.unanswered} without an answer, ` +
    `${sums.takingsAnswered} times something was taken away.`,
)
if (heldUpMs.length > 0) {
  heldUpMs.sort((a, b) => a - b)
  const share = (part: number): string => heldUpMs[Math.floor((heldUpMs.length - 1) * part)]!.toFixed(0)
  print(
    `Where nothing failed the barrier held up for ${share(0.5)} ms at p50; instances that had just begun for longer.`,
  )
}
print(`${count - failed} of ${count} runs as promised, in ${inAll} s.`)
if (failed > 0) print('npm run sim -- --seed S repeats one of them.')
process.exitCode = failed === 0 ? 0 : 1
