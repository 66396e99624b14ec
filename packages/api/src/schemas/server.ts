import { z } from 'zod'
import { backupFileLengthMax } from '../bounds.ts'
import { answeredInstant, characters, logPosition, textBody } from '../fields.ts'

export const Health = z
  .strictObject({ status: z.literal('ok').describe('Anything else is a problem.') })
  .describe('The server can do what was asked about.')

/** The text format of Prometheus, version 0.0.4. */
export const Metrics = textBody.describe('Metrics in the text format of Prometheus, under docs/reference/metrics.md.')

const bytes = z.int().min(0)

export const Backup = z
  .strictObject({
    taken_at: answeredInstant.describe('When the copy was complete.'),
    file: characters({ lengthMin: 1, lengthMax: backupFileLengthMax }).describe(
      'Where it was written on that machine.',
    ),
    log_position: logPosition.describe('Where the log ends in the copy, `<epoch>.<seq>`.'),
  })
  .describe('A copy of everything that the operator took.')

export const Server = z
  .strictObject({
    version: z.string().describe('The release that runs.'),
    instance_id: z.string().describe('This process, under a name that it has until it ends.'),
    started_at: answeredInstant.describe('When it began.'),
    instance_count: z
      .int()
      .positive()
      .describe('Instances or processes that answer for the same database, as this one sees them.'),
    unready_because: z.string().nullable().describe('Why no requests should be sent here; null: they may.'),
    database: z
      .strictObject({
        kind: z.enum(['sqlite', 'postgresql']).describe('Which one it is.'),
        version: z.string().describe('As it names it itself.'),
        size_bytes: bytes.describe('How large it is.'),
        file: z.string().nullable().describe('Where its file is on this machine; null: it is no file of ours.'),
      })
      .describe('Where everything is kept.'),
    journal: z
      .strictObject({
        file: z.string().describe('Where it is on this machine.'),
        size_bytes: bytes.describe('How large it is.'),
        is_behind: z
          .boolean()
          .describe('Whether something waits that was taken away and could not be written yet; nobody is told of it.'),
      })
      .describe('The journal of what was taken away, which a restore replays.'),
    master_keys: z
      .array(
        z.strictObject({
          id: z.string().describe('Public; what was made under the key is marked with it.'),
          is_current: z.boolean().describe('Whether everything new is made under it.'),
        }),
      )
      .describe('The keys that this process read when it started, by their ids; the current one first.'),
    last_backup: Backup.nullable().describe(
      'The last one that was made by the command; null: none. PostgreSQL is backed up with its own means, of which nothing is known here.',
    ),
  })
  .describe('What runs, and how it does.')
