import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, EpochMs, VerificationCode } from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { assemble, type Assembled } from '../../packages/server/src/assemble.ts'
import { readSettings } from '../../packages/server/src/config.ts'
import { createLog } from '../../packages/server/src/log.ts'

/** Where the data of each release lies: one folder for each version, never changed once it is there. */
export const releasesDirectory = join(import.meta.dirname, 'releases')

/** What a release promised of its data: later ones hold to it. */
export interface Release {
  /** The instant at which the expectations were true. */
  readonly at: EpochMs
  readonly tokens: readonly Expected[]
}

export interface Expected {
  readonly name: string
  readonly token: string
  readonly question: { readonly projectId?: string; readonly clientIp?: string; readonly kinds?: readonly string[] }
  readonly code: VerificationCode
}

export function stoppedClock(at: EpochMs): Clock {
  return { now: () => at, monotonicMs: () => 0 }
}

/** Opens a data directory as the server does, at an instant of one's choice. */
export function openData(directory: string, clock: Clock): Promise<Assembled> {
  const settings = readSettings({ CHATELAINE_DATA: directory })
  const ring = KeyRing.parse(readFileSync(settings.masterKeyFile, 'utf8'))
  return assemble(settings, ring, { log: createLog('silent', { write: () => undefined }), clock })
}
