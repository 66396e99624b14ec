import type { EpochMs, HandoffNote, HandoffStore } from '@chatelaine/core'
import { columnsOf } from '../../sql/tables/columns.ts'
import { handoffTable } from '../../sql/tables/handoff-table.ts'
import type { Writing } from '../../sql/write/writing.ts'
import { reading, type Records } from './reader.ts'

const findSql = `SELECT ${columnsOf(handoffTable)} FROM handoffs WHERE name = ?`

export class SqliteHandoffStore implements HandoffStore {
  readonly #records: Records
  readonly #queue: Writing

  constructor(records: Records, queue: Writing) {
    this.#records = records
    this.#queue = queue
  }

  leave(note: HandoffNote, room: Parameters<HandoffStore['leave']>[1]): ReturnType<HandoffStore['leave']> {
    return this.#queue.write({ do: 'leave-note', note, room })
  }

  find(name: string, now: EpochMs): Promise<HandoffNote | undefined> {
    return reading(() => {
      const row = this.#records.connection.getValues(findSql, name)
      const note = row && this.#records.sealer.open(handoffTable, row)
      return note && note.endsAt > now ? note : undefined
    })
  }
}
