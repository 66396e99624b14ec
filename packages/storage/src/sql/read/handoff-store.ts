import type { EpochMs, HandoffNote, HandoffStore } from '@chatelaine/core'
import { findNote } from '../tables/find.ts'
import type { Writing } from '../write/writing.ts'
import type { Records } from './reads.ts'

export class SqlHandoffStore implements HandoffStore {
  readonly #records: Records
  readonly #queue: Writing

  constructor(records: Records, queue: Writing) {
    this.#records = records
    this.#queue = queue
  }

  leave(note: HandoffNote, room: Parameters<HandoffStore['leave']>[1]): ReturnType<HandoffStore['leave']> {
    return this.#queue.write({ do: 'leave-note', note, room })
  }

  async find(name: string, now: EpochMs): Promise<HandoffNote | undefined> {
    const { reads, sealer } = this.#records
    const note = await reads.read(findNote(sealer, name))
    return note && note.endsAt > now ? note : undefined
  }
}
