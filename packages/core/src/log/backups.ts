import { authorise, requireWhole } from '../access/authorise.ts'
import { actorOf, operatorCaller, type Caller } from '../domain/caller.ts'
import { formatInstant, type EpochMs } from '../domain/time.ts'
import type { Ports } from '../ports.ts'
import { deployment, formatPosition, parsePosition, type Position } from './change.ts'
import { commit } from './commit.ts'
import { onceOf } from './once.ts'

/** A copy of everything that the operator took. */
export interface Backup {
  readonly takenAt: EpochMs
  /** Where on that machine. */
  readonly file: string
  /** The end of the log in the copy. */
  readonly position: Position
}

/**
 * Says in the log that somebody took a copy of everything. Noting it again under the same name, also from another
 * process and at the same time, adds nothing.
 * @param name names this one backup
 * @throws `unavailable`.
 */
export async function noteBackup(ports: Ports, name: string, backup: Backup): Promise<void> {
  const at = ports.clock.now()
  const details = detailsOf(backup)
  const once = onceOf(ports, operatorCaller, { key: name, request: JSON.stringify(details) }, at)
  await commit(
    ports,
    [
      {
        at,
        actor: actorOf(operatorCaller),
        action: 'deployment.backed_up',
        effect: 'none',
        subject: deployment,
        details,
        write: { put: 'nothing' },
        guards: [],
      },
    ],
    once,
  )
}

/**
 * The backup that was noted last; `undefined` when there is none.
 * @throws `scope-missing`, `not-permitted` for whoever has no right over the whole deployment.
 */
export async function lastBackup(ports: Ports, caller: Caller): Promise<Backup | undefined> {
  requireWhole(authorise(caller, 'settings.read'), 'see how the server does')
  const { items } = await ports.log.read({ action: 'deployment.backed_up', limit: 1 })
  return items[0] && backupIn(items[0].details)
}

function detailsOf({ takenAt, file, position }: Backup) {
  return { taken_at: formatInstant(takenAt), file, log_position: formatPosition(position) }
}

function backupIn(details: Readonly<Record<string, unknown>>): Backup {
  const { taken_at, file, log_position } = details as ReturnType<typeof detailsOf>
  return { takenAt: Date.parse(taken_at), file, position: parsePosition(log_position)! }
}
