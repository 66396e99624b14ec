// A program whose token renews itself: `renewing.ts <url> <file> <times> <stale ms> [<step>]`. It renews so many times and
// uses what it has after each, and says the number of steps it took. A lock that does not change for so long it takes
// over. With a step it kills itself right before that one.

import fileSystem from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const [url = '', file = '', times = '1', staleMs = '', fatalStep] = process.argv.slice(2)

let stepCount = 0

function step(): void {
  stepCount += 1
  if (stepCount === Number(fatalStep)) process.kill(process.pid, 'SIGKILL')
}

// What could be interrupted between two steps is each change of the disk and each request, before it and after its answer.
for (const name of ['open', 'rename', 'rm', 'mkdir'] as const) {
  const original = fileSystem[name] as (...given: unknown[]) => unknown
  Object.assign(fileSystem, {
    [name](...given: unknown[]) {
      step()
      return original(...given)
    },
  })
}
syncBuiltinESMExports()

async function stepwiseFetch(target: string | URL | Request, init?: RequestInit): Promise<Response> {
  step()
  const response = await fetch(target, init)
  step()
  return response
}

const { createClient } = await import('@chatelaine/sdk')
const { loadToken } = await import('@chatelaine/sdk/node')
const { renewing } = await import('../../packages/sdk/src/credentials/auto-renew.ts')
const timing = { holdMs: 2_000, staleMs: Number(staleMs), lookMs: 10 }

const token = await loadToken({ file })
const renewal = await renewing({ url, token, fetch: stepwiseFetch }, timing)
const client = createClient({ url, token: renewal.token })
for (let i = 0; i < Number(times); i++) {
  await renewal.renew()
  await client.tokens.getSelf()
}
renewal.close()
process.stdout.write(String(stepCount))
