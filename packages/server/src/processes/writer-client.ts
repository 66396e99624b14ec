import { Failure, type InstanceState, type Timer } from '@chatelaine/core'
import {
  pendingCommitsMax,
  type WriterEnd,
  type WriterLink,
  type WriteRequest,
  type WriteResults,
} from '@chatelaine/storage/sqlite'
import type { Answer, Ask, Results, Told, Voice } from './messages.ts'

/** Nobody waits longer than this for the writer, be it that it starts or that it does not answer. */
const askMsMax = 2_000

const fateUnknown = 'The writer ended, and it is not known whether this was written. Look before you try again.'
const noWriter = 'Nothing can be written at the moment. Try again in a second.'

interface Pending {
  readonly ask: Ask
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
  readonly cancelDeadline: () => void
}

/**
 * The process that writes, as one that answers sees it. What is asked while there is none waits for the next one; what
 * was with one that ended is never sent again.
 */
export class WriterClient implements WriterLink {
  readonly #voice: Voice
  readonly #timer: Timer
  readonly #asked = new Map<number, Pending>()
  readonly #hintListeners: (() => void)[] = []
  readonly #reconnectListeners: (() => void)[] = []
  readonly #lossListeners = new Set<() => void>()
  #waiting: [number, Pending][] = []
  #isThere = false
  #number = 0

  constructor(voice: Voice, timer: Timer) {
    this.#voice = voice
    this.#timer = timer
    voice.onTold((message) => this.#hear(message))
  }

  /** What is not answered yet. */
  get length(): number {
    return this.#asked.size + this.#waiting.length
  }

  write<Do extends WriteRequest['do']>(request: Extract<WriteRequest, { do: Do }>): Promise<WriteResults[Do]> {
    return this.ask({ ask: 'write', request }) as Promise<WriteResults[Do]>
  }

  readEnd(): Promise<WriterEnd> {
    return this.ask({ ask: 'read-end' })
  }

  join(state: InstanceState): Promise<void> {
    return this.ask({ ask: 'join', state })
  }

  update(state: InstanceState): Promise<boolean> {
    return this.ask({ ask: 'update', state })
  }

  list(): Promise<readonly InstanceState[]> {
    return this.ask({ ask: 'list' })
  }

  remove(id: string, beat: number): Promise<void> {
    return this.ask({ ask: 'remove', id, beat })
  }

  onHint(listener: () => void): void {
    this.#hintListeners.push(listener)
  }

  /** Another writer has an empty table of instances. */
  onReconnect(listener: () => void): void {
    this.#reconnectListeners.push(listener)
  }

  /** Calls when a writer has ended. Returns how to stop that. */
  onLost(listener: () => void): () => void {
    this.#lossListeners.add(listener)
    return () => this.#lossListeners.delete(listener)
  }

  /** @throws `unavailable` (rejects). */
  ask<Which extends Ask['ask']>(ask: Extract<Ask, { ask: Which }>): Promise<Results[Which]> {
    if (this.length >= pendingCommitsMax) {
      return Promise.reject(unavailable('Too many changes wait to be written. Try again in a second.'))
    }
    this.#number += 1
    const number = this.#number
    return new Promise((resolve, reject) => {
      const cancelDeadline = this.#timer.after(askMsMax, () => this.#giveUp(number))
      const pending: Pending = { ask, resolve, reject, cancelDeadline }
      if (this.#isThere) this.#send(number, pending)
      else this.#waiting.push([number, pending])
    })
  }

  #send(number: number, pending: Pending): void {
    this.#asked.set(number, pending)
    this.#voice.say({ say: 'ask', number, ask: pending.ask })
  }

  #giveUp(number: number): void {
    const waiting = this.#waiting.find(([waitingNumber]) => waitingNumber === number)
    this.#waiting = this.#waiting.filter((one) => one !== waiting)
    waiting?.[1].reject(unavailable(noWriter))
    const asked = this.#asked.get(number)
    this.#asked.delete(number)
    asked?.reject(unavailable(fateUnknown))
  }

  #hear(message: Told): void {
    if (message.tell === 'answer') this.#settle(message.number, message.answer)
    else if (message.tell === 'hint') for (const listener of this.#hintListeners) listener()
    else if (message.tell === 'writer' && message.is === 'ready') this.#begin()
    else if (message.tell === 'writer') this.#lose()
  }

  #begin(): void {
    for (const listener of this.#reconnectListeners) listener()
    this.#isThere = true
    for (const [number, pending] of this.#waiting.splice(0)) this.#send(number, pending)
    for (const listener of this.#hintListeners) listener()
  }

  #lose(): void {
    this.#isThere = false
    const lost = [...this.#asked.values()]
    this.#asked.clear()
    for (const { reject, cancelDeadline } of lost) {
      cancelDeadline()
      reject(unavailable(fateUnknown))
    }
    for (const listener of this.#lossListeners) listener()
  }

  #settle(number: number, answer: Answer): void {
    const pending = this.#asked.get(number)
    // Whoever asked has given up by now.
    if (pending === undefined) return
    this.#asked.delete(number)
    pending.cancelDeadline()
    if (answer.is === 'done') pending.resolve(answer.result as never)
    else if (answer.is === 'unavailable') pending.reject(unavailable(answer.message))
    else pending.reject(Object.assign(new Error(answer.message), { stack: answer.stack }))
  }
}

function unavailable(message: string): Failure {
  return new Failure('unavailable', message, { retryAfterSeconds: 1 })
}
