import type { IncomingMessage } from 'node:http'
import { bodyTooLarge } from './problem.ts'

/**
 * Answers a request once its body is here. Whatever `answer` throws or rejects with goes to `fail`; when the sender went
 * away before, neither is called. No promise is made unless `answer` makes one.
 */
export function serveBody(
  request: IncomingMessage,
  bytesMax: number,
  answer: (body: Buffer) => void | Promise<void>,
  fail: (error: unknown) => void,
): void {
  readBody(request, bytesMax, (body) => {
    if (body === 'aborted') return
    try {
      if (body === 'too-large') throw bodyTooLarge(bytesMax)
      const done = answer(body)
      if (done instanceof Promise) done.catch(fail)
    } catch (error) {
      fail(error)
    }
  })
}

/** What became of reading a body: its bytes, or that it is longer than it may be, or that the sender went away. */
type BodyOutcome = Buffer | 'too-large' | 'aborted'

/**
 * Reads a whole body of at most `bytesMax`. A callback and not a promise, because the path of a verification affords
 * none. Called exactly once; after `too-large` the rest is not read and the connection should be closed.
 */
function readBody(request: IncomingMessage, bytesMax: number, done: (body: BodyOutcome) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return done('too-large')
  let first: Buffer | undefined
  let rest: Buffer[] | undefined
  let byteCount = 0
  let isDone = false
  const finish = (outcome: BodyOutcome): void => {
    if (isDone) return
    isDone = true
    done(outcome)
  }
  request.on('data', (chunk: Buffer) => {
    byteCount += chunk.length
    if (byteCount > bytesMax) {
      request.pause()
      return finish('too-large')
    }
    if (first === undefined) first = chunk
    else (rest ??= [first]).push(chunk)
  })
  request.on('end', () => finish(rest === undefined ? (first ?? empty) : Buffer.concat(rest, byteCount)))
  // A request that breaks off is closed, and without a listener of its own says no more of it.
  request.on('close', () => finish('aborted'))
}

const empty = Buffer.alloc(0)
