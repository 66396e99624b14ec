import { createInterface } from 'node:readline'
import { Failure, type TokenId } from '@chatelaine/core'
import { openSqlite } from '@chatelaine/storage/sqlite'
import { random } from './opened.ts'
import { sampleToken, storeToken } from './samples.ts'

// Run by disk-full.test.ts, which limits the size of this process's files between the steps.

const { directory, journalDirectory, ringText } = JSON.parse(process.env.PLACE!)
const storage = await openSqlite({
  directory,
  journalDirectory,
  ringText,
  random,
  onDamaged: () => process.exit(2),
  onFault: () => {},
})
const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const written: TokenId[] = []

function say(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

async function countFound(): Promise<number> {
  const found = await Promise.all(written.map((id) => storage.tokens.findStanding(id)))
  return found.filter((standing) => standing !== undefined).length
}

say('open')
await orders.next()
const attemptsMax = 20_000
let refused: { id: TokenId; key: string } | undefined
for (let attempt = 0; refused === undefined && attempt < attemptsMax; attempt += 1) {
  const token = sampleToken({ metadata: { filler: 'x'.repeat(2_000) } })
  try {
    written.push((await storeToken(storage, token)).id)
  } catch (error) {
    refused = { id: token.id, key: error instanceof Failure ? error.key : String(error) }
  }
}
const foundRefused = refused !== undefined && (await storage.tokens.find(refused.id)) !== undefined
say({ written: written.length, refusal: refused?.key, found: await countFound(), foundRefused })
await orders.next()
written.push((await storeToken(storage, sampleToken())).id)
say({ written: written.length, found: await countFound() })
await orders.next()
await storage.close()
process.exit(0)
