import type { InstanceState } from '@chatelaine/core'

/**
 * The instances that may answer from memory, in the memory of the process that writes: what a database keeps for
 * instances on several machines.
 */
export class InstanceTable {
  readonly #rows = new Map<string, { readonly state: InstanceState; readonly of: number }>()

  /** @param of the process that says so */
  join(state: InstanceState, of: number): void {
    this.#rows.set(state.id, { state, of })
  }

  update(state: InstanceState): boolean {
    const row = this.#rows.get(state.id)
    if (row === undefined) return false
    this.#rows.set(state.id, { ...row, state })
    return true
  }

  list(): readonly InstanceState[] {
    return [...this.#rows.values()].map(({ state }) => state)
  }

  remove(id: string, beat: number): void {
    if (this.#rows.get(id)?.state.beat === beat) this.#rows.delete(id)
  }

  /** For a process that has ended, and so answers nothing any more. */
  removeOf(ended: number): void {
    for (const [id, { of }] of this.#rows) if (of === ended) this.#rows.delete(id)
  }
}
