// The load generator, in a process of its own so that the server has a core to itself where there are two. It is told
// over IPC what to send, says when it begins and when it ends to measure, and answers what it saw.

import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadPlan, StreamResult } from './plan.ts'
import { Stream } from './stream.ts'

/** How often it looks whether everything was sent. */
const exhaustedCheckMs = 5

export type LoadMessage =
  | { readonly phase: 'measuring' }
  | { readonly phase: 'measured'; readonly results: readonly StreamResult[] }

process.on('message', (plan: LoadPlan) => void run(plan))
process.on('disconnect', () => process.exit())

async function run(plan: LoadPlan): Promise<void> {
  const streams = plan.streams.map((stream) => new Stream(stream))
  for (const stream of streams) await stream.open(plan.listener)
  for (const stream of streams) stream.start()
  await sleep(plan.warmUpMs)
  for (const stream of streams) stream.measure()
  tell({ phase: 'measuring' })
  const endsAt = performance.now() + plan.measuredMs
  while (performance.now() < endsAt && streams.some((stream) => !stream.isExhausted)) {
    await sleep(plan.streams.some(({ isOnce }) => isOnce) ? exhaustedCheckMs : Math.max(1, endsAt - performance.now()))
  }
  const results = streams.map((stream) => stream.finish())
  tell({ phase: 'measured', results })
  for (const stream of streams) stream.close()
}

function tell(message: LoadMessage): void {
  process.send?.(message)
}
