// A backup is made by a command, whether a server runs or not, and only a server writes the log. So the command leaves a
// note in the data directory, and the server that runs there, or the next one, says in the log what it finds.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchownSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { read, schemas } from '@chatelaine/api'
import { formatInstant, formatPosition, noteBackup, parsePosition, type Backup, type Ports } from '@chatelaine/core'
import { randomBase62 } from '@chatelaine/token'
import type { Logger } from 'pino'
import type { Settings } from './config.ts'
import { syncDirectoryOf } from './private-file.ts'

const nameLength = 16
const noteName = /^backup-([0-9A-Za-z]{16})\.note$/

/** Leaves word of a backup for the log. */
export function leaveBackupNote({ dataDirectory }: Pick<Settings, 'dataDirectory'>, backup: Backup): void {
  const name = randomBase62(nameLength, (count) => randomBytes(count))
  const file = join(dataDirectory, `backup-${name}.note`)
  const draft = `${file}.new`
  const note = {
    taken_at: formatInstant(backup.takenAt),
    file: backup.file,
    log_position: formatPosition(backup.position),
  }
  try {
    writeForOwnerOf(dataDirectory, draft, JSON.stringify(note))
    renameSync(draft, file)
    syncDirectoryOf(file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/**
 * Whoever may do everything makes backups of servers that run as somebody else, who has to read the note. Given away is
 * the file that was opened and not what its name leads to by then: the directory is theirs, and so is every name in it.
 */
function writeForOwnerOf(directory: string, file: string, text: string): void {
  const opened = openSync(file, 'wx', 0o600)
  try {
    writeFileSync(opened, text, { flush: true })
    const { uid, gid } = statSync(directory)
    if (fstatSync(opened).uid !== uid) fchownSync(opened, uid, gid)
  } finally {
    closeSync(opened)
  }
}

/** Says in the log which backups there were. What cannot be written is tried again the next time. */
export async function takeBackupNotes(ports: Ports, settings: Settings, log: Logger): Promise<void> {
  // PostgreSQL is backed up with its own means, and its instances may have no data directory.
  if (settings.databaseUrl !== undefined) return
  const { dataDirectory } = settings
  try {
    for (const entry of readdirSync(dataDirectory)) {
      const name = noteName.exec(entry)?.[1]
      if (name !== undefined) await takeNote(ports, name, join(dataDirectory, entry), log)
    }
  } catch (error) {
    log.warn({ err: error }, 'backup not noted')
  }
}

async function takeNote(ports: Ports, name: string, file: string, log: Logger): Promise<void> {
  const backup = readNote(file)
  if (backup === undefined) {
    // Another process of this server has taken it.
    if (!existsSync(file)) return
    log.warn({ file: basename(file) }, 'note of a backup cannot be read: it is put aside')
    return renameSync(file, `${file}.unreadable`)
  }
  await noteBackup(ports, name, backup)
  rmSync(file, { force: true })
}

/** `undefined` for what `leaveBackupNote` did not write, or what this process may not read. */
function readNote(file: string): Backup | undefined {
  try {
    const note = read(schemas.Backup, JSON.parse(readFileSync(file, 'utf8')))
    const position = note.ok ? parsePosition(note.value.log_position) : undefined
    if (!note.ok || position === undefined) return undefined
    return { takenAt: Date.parse(note.value.taken_at), file: note.value.file, position }
  } catch {
    return undefined
  }
}
