import type { Keys } from '@chatelaine/token/keys'
import { restored, tookOver } from '../../journal/restored.ts'
import type { Sealer } from '../../sql/seal.ts'
import type { Steps } from '../../sql/steps.ts'
import { append, appendHead } from '../../sql/write/append.ts'
import { beginEpoch, hasOtherHistory, readAuthorityTime } from '../epoch.ts'
import { rollBack } from '../transaction.ts'
import { postgresFaults } from './faults.ts'
import { beginWriting, finishWriting } from './group.ts'

export interface HistoryFollowing {
  readonly sealer: Sealer
  readonly keys: Pick<Keys, 'sign'>
  readonly newEpoch: string
}

/** Begins another epoch where the server goes on from another history than the log's. Answers whether that was so. */
export function* followHistory(following: HistoryFollowing): Steps<boolean> {
  if (!(yield* hasOtherHistory())) return false
  try {
    yield* takeOver(following)
  } catch (error) {
    yield* rollBack()
    throw error
  }
  return true
}

function* takeOver({ sealer, keys, newEpoch }: HistoryFollowing): Steps<void> {
  const before = yield* beginWriting()
  // Another instance may have seen it first.
  if (!(yield* hasOtherHistory())) return yield* rollBack()
  const draft = yield* beginEpoch(newEpoch)
  const transaction = { sealer, draft, journal: undefined, faults: postgresFaults }
  yield* append(
    transaction,
    restored(before.position, yield* readAuthorityTime(), { because: tookOver }),
    null,
    undefined,
  )
  yield* finishWriting([draft.save(), appendHead(transaction, keys)])
}
