import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { LoadMessage } from './load/generator.ts'
import type { Listener, LoadPlan, StreamResult } from './load/plan.ts'
import type { Usage } from './usage.ts'

/** What a load can be put on: where requests go, and the process whose use of the processor is told. */
export type Measurable = Listener & { readonly usage: () => Promise<Usage> }

/** What one server did under one load. */
export interface Measurement {
  /** One for each stream of the plan. */
  readonly streams: readonly StreamResult[]
  readonly cpu: {
    /** Of all of the server's threads, for each answer of whatever stream. */
    readonly processMicrosEach: number
    /** Of the thread that answers. */
    readonly mainThreadMicrosEach: number
  }
}

/** Puts a load on a server, by a generator that is started for it. */
export async function measure(server: Measurable, plan: Omit<LoadPlan, 'listener'>): Promise<Measurement> {
  const generator = fork(new URL('./load/generator.ts', import.meta.url), { serialization: 'advanced' })
  try {
    const listener = 'port' in server ? { port: server.port } : { socketPath: server.socketPath }
    generator.send({ ...plan, listener } satisfies LoadPlan)
    await nextMessage(generator)
    const before = await server.usage()
    const ended = await nextMessage(generator)
    const after = await server.usage()
    const streams = ended.phase === 'measured' ? ended.results : []
    const answeredCount = streams.reduce((sum, stream) => sum + stream.answeredCount, 0)
    const each = (usedMs: number) => (usedMs * 1_000) / answeredCount
    return {
      streams,
      cpu: {
        processMicrosEach: each(after.processCpuMs - before.processCpuMs),
        mainThreadMicrosEach: each(after.mainThreadCpuMs - before.mainThreadCpuMs),
      },
    }
  } finally {
    generator.kill()
  }
}

/** @throws Error when the generator ended instead. */
async function nextMessage(generator: ChildProcess): Promise<LoadMessage> {
  const ending = new AbortController()
  const ended = once(generator, 'exit', { signal: ending.signal }).then(() => {
    throw new Error('the load generator ended before its time; what it said stands above')
  })
  try {
    const [message] = (await Promise.race([once(generator, 'message', { signal: ending.signal }), ended])) as [
      LoadMessage,
    ]
    return message
  } finally {
    ended.catch(() => {})
    ending.abort()
  }
}
