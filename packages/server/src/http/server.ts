import { resolve } from 'node:path'
import { statSync } from 'node:fs'
import type { AnswerOf } from '@chatelaine/api'
import { formatInstant, formatPosition, lastBackup, type Backup } from '@chatelaine/core'
import { dataFiles, journalFile } from '@chatelaine/storage/sqlite'
import type { Service } from '../service.ts'
import packageJson from '../../package.json' with { type: 'json' }
import type { Handlers } from './handler.ts'

type Answer = AnswerOf<'getServer', 200>

/** `/api/v1/server`. */
export function server(service: Service): Handlers<'getServer'> {
  const { ports, running, settings } = service
  return {
    async getServer({ caller }) {
      const backup = await lastBackup(ports, caller)
      return {
        status: 200,
        body: {
          version: packageJson.version,
          instance_id: running.instanceId,
          started_at: formatInstant(running.startedAt),
          instance_count: running.instanceCount(),
          unready_because: service.unreadyBecause() ?? null,
          database: await databaseJson(service),
          journal: { ...journalJson(settings.journalDirectory), is_behind: ports.freshness.isWithholding },
          master_keys: running.keyIds.map((id, index) => ({ id, is_current: index === 0 })),
          last_backup: backup === undefined ? null : backupJson(backup),
        },
      }
    },
  }
}

async function databaseJson({ running, settings }: Service): Promise<Answer['database']> {
  const { kind, version, sizeBytes } = await running.describeDatabase()
  const file = kind === 'sqlite' ? resolve(dataFiles(settings.dataDirectory).database) : null
  return { kind, version, size_bytes: sizeBytes, file }
}

function journalJson(directory: string): Pick<Answer['journal'], 'file' | 'size_bytes'> {
  const file = resolve(journalFile(directory))
  return { file, size_bytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0 }
}

function backupJson({ takenAt, file, position }: Backup): NonNullable<Answer['last_backup']> {
  return { taken_at: formatInstant(takenAt), file, log_position: formatPosition(position) }
}
