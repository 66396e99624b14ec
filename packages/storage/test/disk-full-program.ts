import type { TokenId } from '@chatelaine/core'
import { openPlace, refusalOf, sayAndWait } from './limited-program.ts'
import { sampleToken, storeToken } from './samples.ts'

// Run by disk-full.test.ts, which limits the size of this process's files between the steps.

const attemptsMax = 20_000

const storage = await openPlace()
const written: TokenId[] = []

async function countFound(): Promise<number> {
  const found = await Promise.all(written.map((id) => storage.tokens.findStanding(id)))
  return found.filter((standing) => standing !== undefined).length
}

await sayAndWait('open')
let refusal: string | undefined
let last = sampleToken()
for (let attempt = 0; refusal === undefined && attempt < attemptsMax; attempt += 1) {
  last = sampleToken({ metadata: { filler: 'x'.repeat(2_000) } })
  refusal = await refusalOf(storeToken(storage, last))
  if (refusal === undefined) written.push(last.id)
}
const foundRefused = (await storage.tokens.find(last.id)) !== undefined
await sayAndWait({ written: written.length, refusal, found: await countFound(), foundRefused })
written.push((await storeToken(storage, sampleToken())).id)
await sayAndWait({ written: written.length, found: await countFound() })
await storage.close()
process.exit(0)
