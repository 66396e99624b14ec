/** Chance that is the same for the same seed (mulberry32). */
export class Chance {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** At least 0 and less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** Whether it happens, at so many in a hundred. */
  happens(percent: number): boolean {
    return this.next() * 100 < percent
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => Math.floor(this.next() * 256))
  }
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly work: () => void
  isCancelled: boolean
}

/** Time that nobody waits for: events are taken in the order of their instants, and between two of them nothing happens. */
export class Schedule {
  nowMs = 0
  readonly #heap: Event[] = []
  #count = 0

  /** Calls at this instant, after what was asked for earlier. Returns how to cancel. */
  at(atMs: number, work: () => void): () => void {
    const event: Event = { atMs: Math.max(atMs, this.nowMs), order: (this.#count += 1), work, isCancelled: false }
    this.#push(event)
    return () => void (event.isCancelled = true)
  }

  after(delayMs: number, work: () => void): () => void {
    return this.at(this.nowMs + delayMs, work)
  }

  /** Everything up to this instant. After each event all that it set free runs until it waits again. */
  async runUntil(endMs: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop()
      if (next.isCancelled) continue
      this.nowMs = next.atMs
      next.work()
      await new Promise(setImmediate)
    }
    this.nowMs = endMs
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    for (let above = (at - 1) >> 1; at > 0 && isBefore(event, heap[above]!); above = (at - 1) >> 1) {
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below += 1
      if (!isBefore(heap[below]!, last)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
