import type { Latency } from './plan.ts'

const capacityFirst = 65_536

/** Every latency of a run, exactly: a histogram would round the very tail that is asked for. */
export class Latencies {
  #values = new Float64Array(capacityFirst)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(ms: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count++] = ms
  }

  /** All zero when nothing was added. */
  summary(): Latency {
    const sorted = this.#values.slice(0, this.#count).sort()
    return { p50Ms: quantile(sorted, 0.5), p99Ms: quantile(sorted, 0.99), maxMs: sorted.at(-1) ?? 0 }
  }
}

/** The smallest value that at least this share of all values does not exceed; 0 when there are none. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
