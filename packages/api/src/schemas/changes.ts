import { z } from 'zod'
import { verifierIdLengthMax, verifierIdLengthMin, verifierLeaseMsDefault, verifierLeaseMsMax } from '../bounds.ts'
import { answeredInstant, count, logPosition } from '../fields.ts'

export const ChangesQuery = z.strictObject({
  since: logPosition
    .exactOptional()
    .describe(
      'The place up to which everything has been applied, which acknowledges it; without it: nothing is remembered.',
    ),
  verifier: z
    .string()
    .regex(new RegExp(`^[0-9A-Za-z_-]{${verifierIdLengthMin},${verifierIdLengthMax}}$`), {
      error: `must be ${verifierIdLengthMin} to ${verifierIdLengthMax} letters, digits, - or _`,
    })
    .describe('Which verifier asks: random for each start of its process.'),
  lease_ms: count({ min: 0, max: verifierLeaseMsMax })
    .default(verifierLeaseMsDefault)
    .describe('For how long it wants to answer from memory; 0: not at all, from now on.'),
  wait_ms: count({ min: 0, max: verifierLeaseMsMax })
    .exactOptional()
    .describe('How long to wait when there is nothing new: at most a quarter of the lease, as it is without this.'),
})

export const ChangeEntry = z
  .strictObject({
    seq: z.int().positive().describe('Its number in the log, without gaps.'),
    subject_type: z
      .enum(['token', 'account', 'project', 'all'])
      .describe('What has changed; `all`: everything may have.'),
    subject_id: z.string().describe('Which one; `all` for everything.'),
    effect: z
      .enum(['takes', 'gives', 'none'])
      .describe('`takes`: something that was accepted before may be refused afterwards.'),
  })
  .describe('One change: what it is about, and nothing of what it says.')

export const ChangeFeed = z
  .strictObject({
    resync: z.boolean().describe('Forget everything that is remembered, and go on from `position`.'),
    entries: z
      .array(ChangeEntry)
      .describe('What follows `since`: in order, no gap, none twice. Forget what hangs on any of their subjects.'),
    position: logPosition.describe('The place that is reached with these: the `since` of the next request.'),
    lease_ms: z
      .int()
      .nonnegative()
      .describe('For how long the verifier may answer from memory, counted from when it sent this request.'),
    answered_at: answeredInstant.describe("The deployment's time when this was written."),
  })
  .describe('What has changed, and for how long that is good enough.')

/** Of every operation that may take something away. */
export const wait = z
  .enum(['verifiers'])
  .exactOptional()
  .describe(
    'Answer only when every verifier that follows the log has applied this or can no longer answer from memory, for at most 10 seconds; the headers `X-Chatelaine-Verifiers-…` tell how that ended.',
  )

export const WaitQuery = z.strictObject({ wait })
