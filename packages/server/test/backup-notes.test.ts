import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { leaveBackupNote } from '../src/backup-notes.ts'

/** Whom the server runs as; anybody but root. */
const uid = 65_534
/** Without the precaution it is lost within some hundred. */
const notesCount = 2_000

const mayGiveAway = process.getuid?.() === 0

test(
  'a note is given to whoever runs the server, and nothing else is that they put under its name meanwhile',
  { skip: mayGiveAway ? false : 'only root can give files away' },
  async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'chatelaine-notes-'))
    const [data, foreign] = [join(directory, 'data'), join(directory, 'foreign')]
    mkdirSync(data)
    chownSync(data, uid, uid)
    writeFileSync(foreign, 'not theirs')
    const swapping = new Worker(swapDrafts, { eval: true, workerData: { data, foreign } })
    t.after(async () => {
      await swapping.terminate()
      rmSync(directory, { recursive: true })
    })
    await once(swapping, 'message')
    const backup = { takenAt: 0, file: 'x', position: { epoch: 'MKEoLd6s69SY4SEz', seq: 1 } }
    for (let count = 0; count < notesCount && statSync(foreign).uid === 0; count += 1) {
      try {
        leaveBackupNote({ dataDirectory: data }, backup)
      } catch {
        // Whoever owns the directory can spoil a note.
      }
    }
    assert.equal(statSync(foreign).uid, 0)
  },
)

/** What the owner of the directory might do: put a link to a file of somebody else in the place of each draft. */
const swapDrafts = `
  const { readdirSync, renameSync, symlinkSync } = require('node:fs')
  const { parentPort, workerData: { data, foreign } } = require('node:worker_threads')
  parentPort.postMessage('ready')
  for (let count = 0; ; count += 1) {
    for (const name of readdirSync(data).filter((one) => one.endsWith('.note.new'))) {
      try {
        symlinkSync(foreign, data + '/link-' + count)
        renameSync(data + '/link-' + count, data + '/' + name)
      } catch {}
    }
  }
`
