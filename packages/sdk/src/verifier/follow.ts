import { formatPosition, parsePosition, type FeedAnswer, type FeedReader } from '@chatelaine/core/freshness'
import type { Caller } from '../client/call.ts'
import type { ChangeFeed } from '../contract.ts'
import { ChatelaineProblem } from '../problem.ts'

/** What comes within this time is fetched at once, so that a storm of changes is not a storm of requests. */
const gatherMs = 10
/** After how long a poll that failed is made again; it doubles each time. */
const retryDelayMs = 50
const retryDelayMsMax = 5_000
/** What a poll is given at least, so that one is answered at all where the lease is shorter than the way to the server. */
const pollDeadlineMsMin = 1_000
/** How long is spent on telling the server that nobody follows any more. */
const farewellMs = 500

interface Following {
  readonly leaseMs: number
  readonly signal: AbortSignal
  readonly heard: (changeCount: number) => void
  readonly failed: (error: unknown) => void
}

/**
 * Has a memory follow the change log, poll after poll, until the signal ends it, and then tells the server that nothing
 * is answered from memory any more, so that no revocation waits for it. It never rejects.
 */
export async function follow(
  caller: Caller,
  reader: Pick<FeedReader<never>, 'beginPoll' | 'heard'>,
  { leaseMs, signal, heard, failed }: Following,
): Promise<void> {
  const verifier = crypto.randomUUID()
  // Early enough for another poll before the lease is over, unless it is too short for that.
  const deadlineMs = Math.max(leaseMs / 2, pollDeadlineMsMin)
  let failureCount = 0
  while (!signal.aborted) {
    const poll = reader.beginPoll()
    const query = { since: poll.since && formatPosition(poll.since), verifier, lease_ms: leaseMs }
    try {
      const answer = await caller.call('readChanges', { query, isRepeated: false }, { signal, deadlineMs })
      const outcome = reader.heard(poll, feedAnswerOf(answer))
      // A hole in the log is a fault of whatever stands between; going on at once could go on for ever.
      failureCount = outcome === 'emptied' && !answer.resync ? failureCount + 1 : 0
      heard(answer.entries.length)
    } catch (error) {
      if (!signal.aborted) failed(error)
      failureCount += 1
    }
    await pause(failureCount === 0 ? gatherMs : retryDelay(failureCount, leaseMs), signal)
  }
  const farewell = { query: { verifier, lease_ms: 0, wait_ms: 0 }, isRepeated: false }
  // Where it does not arrive, the lease that was granted runs out.
  await caller.call('readChanges', farewell, { deadlineMs: farewellMs }).catch(() => undefined)
}

function retryDelay(failureCount: number, leaseMs: number): number {
  const longestMs = Math.min(retryDelayMsMax, Math.max(retryDelayMs, leaseMs / 4))
  // Scattered, so that those who lost the server together do not come back together.
  return Math.min(longestMs, retryDelayMs * 2 ** Math.min(failureCount - 1, 10)) * (0.5 + Math.random() / 2)
}

/** @throws `unexpected-answer` when the server writes it otherwise. */
function feedAnswerOf({
  resync,
  entries,
  position,
  lease_ms: leaseMs,
  answered_at: answeredAt,
}: ChangeFeed): FeedAnswer {
  const reached = parsePosition(position)
  if (reached === undefined) {
    throw new ChatelaineProblem('unexpected-answer', 'The answer names no place in the log.')
  }
  return {
    isResync: resync,
    entries: entries.map(({ seq, subject_type: subjectType, subject_id: subjectId, effect }) => {
      return { seq, subjectType, subjectId, effect }
    }),
    position: reached,
    leaseMs,
    answeredAt: Date.parse(answeredAt),
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    signal.addEventListener('abort', over)
    if (signal.aborted) over()
  })
}
