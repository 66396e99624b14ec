// `npm run check`: the checks alone, without the tests.

import { runChecks } from './checks.ts'
import { conclude, emptyTally } from './tally.ts'

const tally = emptyTally()
await runChecks(tally)
conclude(tally)
