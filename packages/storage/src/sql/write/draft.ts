import type { LogEntry, Position } from '@chatelaine/core'
import type { Taking } from '../../journal/journal.ts'
import { get, runOne, type Steps } from '../steps.ts'

/** Another writer has taken over: this one must not write again, however late it wakes up. */
export class WriterReplaced extends Error {
  override readonly name = 'WriterReplaced'
}

/** Where the log ends in a transaction under way, and everything that the transaction has added so far. */
export class Draft {
  readonly epoch: string
  readonly epochSerial: number
  seq: number
  chain: string
  tokenSerial: number
  accountSerial: number
  projectSerial: number
  readonly entries: LogEntry[] = []
  readonly takings: Taking[] = []

  private constructor(start: DraftStart) {
    this.epoch = start.epoch
    this.epochSerial = start.epochSerial
    this.seq = start.seq
    this.chain = start.chain
    this.tokenSerial = start.tokenSerial
    this.accountSerial = start.accountSerial
    this.projectSerial = start.projectSerial
  }

  /**
   * @param writerEpoch where there is one writer at a time, its number
   * @throws WriterReplaced when the database has had a later writer.
   */
  static *read(writerEpoch?: number): Steps<Draft> {
    const row = yield* get(
      `SELECT epochs.epoch, epoch_serial, writer_epoch, seq, chain, token_serial, account_serial,
         project_serial
       FROM counters JOIN epochs ON epochs.serial = epoch_serial`,
    )
    if (row === undefined) throw new Error('the database has no counters')
    if (writerEpoch !== undefined && row.writer_epoch !== writerEpoch) {
      throw new WriterReplaced(`this is writer ${writerEpoch}, and the database has had writer ${row.writer_epoch}`)
    }
    return new Draft({
      epoch: String(row.epoch),
      epochSerial: Number(row.epoch_serial),
      seq: Number(row.seq),
      chain: String(row.chain),
      tokenSerial: Number(row.token_serial),
      accountSerial: Number(row.account_serial),
      projectSerial: Number(row.project_serial),
    })
  }

  get position(): Position {
    return { epoch: this.epoch, seq: this.seq }
  }

  /** How to come back to this moment when the request under way is refused. */
  mark(): () => void {
    const { seq, chain, tokenSerial, accountSerial, projectSerial } = this
    const entryCount = this.entries.length
    const takingCount = this.takings.length
    return () => {
      Object.assign(this, { seq, chain, tokenSerial, accountSerial, projectSerial })
      this.entries.length = entryCount
      this.takings.length = takingCount
    }
  }

  *save(): Steps<void> {
    yield* runOne(
      'UPDATE counters SET seq = ?, chain = ?, token_serial = ?, account_serial = ?, project_serial = ?',
      this.seq,
      this.chain,
      this.tokenSerial,
      this.accountSerial,
      this.projectSerial,
    )
  }
}

type DraftStart = Pick<
  Draft,
  'epoch' | 'epochSerial' | 'seq' | 'chain' | 'tokenSerial' | 'accountSerial' | 'projectSerial'
>
