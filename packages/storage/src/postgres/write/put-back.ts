import type { Position } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { readEpochs, type Epoch } from '../../journal/catch-up.ts'
import type { Journal, Taking } from '../../journal/journal.ts'
import { readTakings } from '../../journal/replay.ts'
import { putBack, restored } from '../../journal/restored.ts'
import { checkLogEnd } from '../../sql/log-end.ts'
import type { Sealer } from '../../sql/seal.ts'
import { get, order, type Steps } from '../../sql/steps.ts'
import { appendHead } from '../../sql/write/append.ts'
import { Draft } from '../../sql/write/draft.ts'
import type { Transaction } from '../../sql/write/transaction.ts'
import { howToPutBack, StorageError } from '../../storage-error.ts'
import { beginEpoch, readAuthorityTime } from '../epoch.ts'
import { checkSchema } from '../migrate.ts'
import { migrations } from '../schema.ts'
import { rollBack } from '../transaction.ts'
import { postgresFaults } from './faults.ts'
import { beginWriting, finishWriting } from './group.ts'
import { commitOne, endUnknown, replayTakings, type Replayed } from './replay.ts'

/** A long journal is read between two statements, and nobody can write meanwhile. */
const replayMs = 30_000

export interface PutBackParts {
  readonly sealer: Sealer
  readonly keys: Keys
  readonly journal: Pick<Journal, 'hasEpoch' | 'position'>
  readonly journalDirectory: string
  /** For the log to go on in, unless another instance has begun one; `undefined` where one has. */
  readonly newEpoch: string | undefined
}

/** Where the log goes on, and what was taken away again. */
export interface Mended {
  readonly epoch: Epoch
  readonly replayed: Replayed
}

/**
 * After the database was put back while instances run: each of them takes away again what its own journal knows to have
 * been, in an epoch that the first of them begins. All of it, or nothing.
 * @throws StorageError when it cannot be done while instances run; then nothing was changed.
 */
export function* followPutBack(parts: PutBackParts): Steps<Mended> {
  if ((yield* checkSchema()) !== migrations.length) {
    throw cannotGoOn('The database was put back to one that an earlier release wrote.')
  }
  try {
    return yield* takeAwayAgain(parts)
  } catch (error) {
    yield* rollBack()
    throw error
  }
}

function* takeAwayAgain({ sealer, keys, journal, journalDirectory, newEpoch }: PutBackParts): Steps<Mended> {
  yield* beginWriting()
  yield* order(`SET LOCAL idle_in_transaction_session_timeout = ${replayMs}`)
  yield* checkLogEnd(sealer)
  const epochs = yield* readEpochs()
  if (!epochs.some(({ epoch }) => journal.hasEpoch(epoch))) {
    throw cannotGoOn('The journal of this instance knows nothing of the database that was put in its place.')
  }
  const { epoch, lastSeq } = epochs.at(-1)!
  const isBegun = yield* hasBegunSince(epochs, journal)
  const lost = yield* takingsThatAreLost(epochs, journalDirectory, keys)
  const mayBegin = !isBegun && newEpoch !== undefined
  const draft = mayBegin ? yield* beginEpoch(newEpoch) : yield* Draft.read()
  const transaction: Transaction = { sealer, draft, journal: undefined, faults: postgresFaults }
  const at = yield* readAuthorityTime()
  if (mayBegin) {
    const end: Position = { epoch, seq: lastSeq }
    yield* commitOne(transaction, restored(end, at, { because: putBack }))
    yield* endUnknown(transaction, at)
  }
  const replayed = yield* replayTakings(transaction, lost, at)
  yield* finishWriting(draft.entries.length === 0 ? [] : [draft.save(), appendHead(transaction, keys)])
  return { epoch: (yield* readEpochs()).at(-1)!, replayed }
}

/** Whether another instance has begun an epoch for a database that was put back, of which the journal does not know. */
export function* hasBegunSince(epochs: readonly Epoch[], { position }: Pick<Journal, 'position'>): Steps<boolean> {
  const place = epochs.findIndex(({ epoch }) => epoch === position?.epoch)
  if (place === -1) return false
  for (const { afterSeq } of epochs.slice(place + 1)) {
    const first = yield* get(
      `SELECT 1 AS found FROM changes WHERE seq = ? AND details LIKE '%"because":"${putBack}"%'`,
      afterSeq + 1,
    )
    if (first !== undefined) return true
  }
  return false
}

/** What the journal holds behind the last of its lines whose entry the log still holds, oldest first. */
function* takingsThatAreLost(epochs: readonly Epoch[], directory: string, keys: Keys): Steps<Iterable<Taking>> {
  const places = [...readTakings(directory, keys)].map(({ epoch, seq, at, subject }) => ({
    epoch,
    seq,
    at,
    id: subject.id,
  }))
  // Whatever stands before a line that the log holds is in the log too.
  let [held, lost] = [0, places.length]
  while (held < lost) {
    const middle = Math.floor((held + lost) / 2)
    const { epoch, seq, at, id } = places[middle]!
    const isThere = epochs.some((one) => one.epoch === epoch && one.afterSeq < seq && seq <= one.lastSeq)
    const row = isThere
      ? yield* get('SELECT 1 AS found FROM changes WHERE seq = ? AND at = ? AND subject_id = ?', seq, at, id)
      : undefined
    if (row === undefined) lost = middle
    else held = middle + 1
  }
  return readTakings(directory, keys, held)
}

function cannotGoOn(what: string): StorageError {
  return new StorageError(
    'older-than-journal',
    `${what} Tokens that were revoked since would live again, so nothing is written. Stop every instance; ${howToPutBack}.`,
  )
}
