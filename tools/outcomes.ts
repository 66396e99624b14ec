// The reporter that each test process runs with: one JSON object a line, read by suites.ts.

import { inspect } from 'node:util'
import type { TestEvent } from 'node:test/reporters'
import type { Outcome } from './tally.ts'

/** `begun` and `ended` come as things happen; an `outcome` comes in the order in which the file declares its tests. */
export type Line =
  | { readonly begun: string }
  | { readonly ended: string }
  | { readonly outcome: Outcome }
  | { readonly remark: string }

export default async function* outcomes(events: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  const titles: string[] = []
  for await (const event of events) {
    const line = lineOf(event, titles)
    if (line !== undefined) yield `${JSON.stringify(line)}\n`
  }
}

/** `titles` are those of the tests that enclose the one reported next; it is brought up to date on the way. */
function lineOf(event: TestEvent, titles: string[]): Line | undefined {
  switch (event.type) {
    case 'test:dequeue':
      return { begun: event.data.name }
    case 'test:complete':
      return { ended: event.data.name }
    case 'test:start':
      titles.splice(event.data.nesting, Infinity, event.data.name)
      return undefined
    case 'test:pass': {
      if (event.data.details.type === 'suite') return undefined
      return { outcome: skipped(event, titles) ?? { kind: 'pass', ...described(event, titles) } }
    }
    case 'test:fail': {
      const { error } = event.data.details
      // What encloses a failed test fails for no reason of its own; counting it would count one fault twice.
      if ('failureType' in error && error.failureType === 'subtestsFailed') return undefined
      const { file = '', line = 0, column = 0 } = event.data
      const detail = `${file}:${line}:${column}\n${inspect(error.cause ?? error, { depth: 6 })}`
      return { outcome: skipped(event, titles) ?? { kind: 'fail', ...described(event, titles), detail } }
    }
    case 'test:diagnostic':
      return event.data.level === 'info' ? undefined : { remark: event.data.message }
    default:
      return undefined
  }
}

type Reported = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>

function described({ data }: Reported, titles: readonly string[]): { title: string; tookMs: number } {
  return { title: [...titles.slice(0, data.nesting), data.name].join(' › '), tookMs: data.details.duration_ms }
}

function skipped(event: Reported, titles: readonly string[]): Outcome | undefined {
  const reason = event.data.skip ?? event.data.todo
  if (reason === undefined || reason === false) return undefined
  const { title } = described(event, titles)
  return { kind: 'skip', title, reason: reason === true || reason === '' ? 'no reason given' : reason }
}
