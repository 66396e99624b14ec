import type { Position } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { catchUpJournal, type Epoch } from '../../journal/catch-up.ts'
import { Journal } from '../../journal/journal.ts'
import type { Sealer } from '../../sql/seal.ts'
import type { Draft } from '../../sql/write/draft.ts'
import type { Connection } from '../connection.ts'

/** At the latest after so many changes the journal has a line, though nothing was taken away. */
const changesPerMark = 1_000

export interface InstanceJournalOptions {
  readonly directory: string
  readonly keys: Keys
  readonly sealer: Sealer
  readonly onFault: (message: string) => void
}

/**
 * The journal of one instance. What the instance itself takes away is in it before that is answered; what others take
 * away follows as soon as it is heard of.
 */
export class InstanceJournal {
  readonly #journal: Journal
  readonly #sealer: Sealer
  readonly #onFault: (message: string) => void
  /** Up to here it lacks nothing, whoever took it away. */
  #complete: Position = { epoch: '', seq: 0 }
  #isBehind = false

  private constructor(journal: Journal, { sealer, onFault }: InstanceJournalOptions) {
    this.#journal = journal
    this.#sealer = sealer
    this.#onFault = onFault
  }

  static open(options: InstanceJournalOptions): InstanceJournal {
    const { directory, keys, onFault } = options
    const journal = Journal.open(directory, keys, (line) =>
      onFault(`line ${line} from the end of the journal is not what was written there`),
    )
    return new InstanceJournal(journal, options)
  }

  /** Whether it may lack what this instance took away: its disk failed, or the fate of a commit was unknown. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** From here on nobody may be told that something was taken away: restoring a backup could still undo it. */
  get withheldFrom(): number | undefined {
    return this.#isBehind ? this.#complete.seq + 1 : undefined
  }

  /** Says that something may have been committed which it does not hold. */
  leaveBehind(): void {
    this.#isBehind = true
  }

  /** @throws StorageError `older-than-journal`, and what the disk or the database says. */
  async catchUp(connection: Connection): Promise<void> {
    this.#complete = await connection.perform(catchUpJournal(this.#sealer, this.#journal))
    this.#isBehind = false
  }

  /** Answers whether it lacks nothing afterwards of what this instance took away. */
  async tryToCatchUp(connection: Connection): Promise<boolean> {
    return this.#keep(() => this.catchUp(connection))
  }

  /** Notes what a transaction took away, and all that others took away before. Answers as `tryToCatchUp`. */
  async note(connection: Connection, { position, entries, takings }: Draft): Promise<boolean> {
    const { epoch, seq } = this.#complete
    const isNext = !this.#isBehind && position.epoch === epoch && position.seq - entries.length === seq
    if (!isNext && takings.length === 0) return !this.#isBehind
    return this.#keep(async () => {
      if (isNext) {
        this.#journal.append(takings)
        this.#complete = position
      } else {
        await this.catchUp(connection)
      }
      this.#mark(changesPerMark)
    })
  }

  /** What of it `followPutBack` looks at. */
  get lines(): Pick<Journal, 'hasEpoch' | 'position'> {
    return this.#journal
  }

  /** The log goes on in this epoch, in which all was taken away again that stands here. */
  follow({ epoch, afterSeq }: Epoch): void {
    if (this.#journal.position?.epoch !== epoch) this.#journal.beginEpoch({ epoch, seq: afterSeq })
  }

  /** Writes every line anew under the current master key. */
  async reseal(): Promise<boolean> {
    return this.#keep(async () => this.#journal.reseal())
  }

  close(): void {
    if (!this.#isBehind) this.#mark(1)
    this.#journal.close()
  }

  /** @param unmarkedMax how far the log may come without a line */
  #mark(unmarkedMax: number): void {
    const { seq } = this.#complete
    if (seq - (this.#journal.position?.seq ?? seq) >= unmarkedMax) this.#journal.markReached(this.#complete)
  }

  async #keep(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      return true
    } catch (error) {
      this.#isBehind = true
      this.#onFault(`the journal cannot be written: ${error instanceof Error ? error.message : String(error)}`)
      return false
    }
  }
}
