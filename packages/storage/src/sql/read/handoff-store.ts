import type { EpochMs, HandoffNote, HandoffStore } from '@chatelaine/core'
import { columnsOf } from '../tables/columns.ts'
import { findOne } from '../tables/find.ts'
import { handoffTable } from '../tables/handoff-table.ts'
import type { Writing } from '../write/writing.ts'
import type { Records } from './reads.ts'

const findSql = `SELECT ${columnsOf(handoffTable)} FROM handoffs WHERE name = ?`

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
    const note = await reads.read(findOne(sealer, handoffTable, findSql, name))
    return note && note.endsAt > now ? note : undefined
  }
}
