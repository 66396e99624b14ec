import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Position } from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { makePrivateDirectory, makePrivateFile, syncPath } from '../directory.ts'
import { readLines } from './read-lines.ts'
import {
  formatEpochLine,
  formatReachedLine,
  formatTakingLine,
  parseJournalLine,
  resealLine,
  type JournalLine,
  type Taking,
} from './line.ts'

export type { Taking } from './line.ts'

export function journalFile(directory: string): string {
  return join(directory, 'journal.jsonl')
}

/** How far back the end of the journal is looked through when it is opened. One line is far shorter. */
const tailBytes = 1_048_576

type JournalKeys = Pick<Keys, 'mac' | 'macMatches'>

/**
 * The journal of everything that was taken away: lines that are appended and flushed before the answer, in a directory
 * that is better on another volume than the database. Restoring an older copy of the database replays it.
 */
export class Journal {
  readonly #directory: string
  #descriptor: number
  readonly #keys: JournalKeys
  /** How far the file is whole. What a failed write left behind it is cut off by the next. */
  #length: number
  #position: Position | undefined

  private constructor(
    directory: string,
    descriptor: number,
    keys: JournalKeys,
    { length, position }: { length: number; position: Position | undefined },
  ) {
    this.#directory = directory
    this.#descriptor = descriptor
    this.#keys = keys
    this.#length = length
    this.#position = position
  }

  /**
   * Opens the journal for appending, and makes it when there is none. A torn last line, which a crash in the middle of
   * an append leaves, is cut off: its change was not answered.
   * @param onAltered told of the number, counted from the end, of a line that is not what was written
   */
  static open(directory: string, keys: JournalKeys, onAltered: (lineFromEnd: number) => void): Journal {
    makePrivateDirectory(directory)
    const file = journalFile(directory)
    makePrivateFile(file)
    syncPath(directory)
    const descriptor = openSync(file, 'r+')
    return new Journal(directory, descriptor, keys, readTail(descriptor, keys, onAltered))
  }

  /** Where the log stood at the last genuine line; `undefined` when there is none. */
  get position(): Position | undefined {
    return this.#position
  }

  /** Whether any line is of this epoch. It reads the whole file: only for a journal whose end is of another. */
  hasEpoch(epoch: string): boolean {
    const sign = `"epoch":${JSON.stringify(epoch)}`
    for (const line of readLines(this.#descriptor)) if (line.includes(sign)) return true
    return false
  }

  /** Marks that what follows belongs to another epoch. Lines are replayed by their place among these marks. */
  beginEpoch(position: Position): void {
    this.#write(formatEpochLine(position, this.#keys))
    this.#position = position
  }

  /** Notes how far the log has come, so that one which is cut off before this shows, whatever was in what is gone. */
  markReached(position: Position): void {
    this.#write(formatReachedLine(position, this.#keys))
    this.#position = position
  }

  /** Writes the lines and flushes them to the disk. When it throws, none of them counts as written. */
  append(takings: readonly Taking[]): void {
    const last = takings.at(-1)
    if (last === undefined) return
    this.#write(takings.map((taking) => formatTakingLine(taking, this.#keys)).join(''))
    this.#position = { epoch: last.epoch, seq: last.seq }
  }

  /**
   * Writes the MAC of every line anew under the current master key, so that a former one can be taken off the ring. The
   * new file takes the place of the old one as a whole. Lines that are not genuine stay as they are.
   */
  reseal(): void {
    const file = journalFile(this.#directory)
    const newFile = `${file}.new`
    rmSync(newFile, { force: true })
    makePrivateFile(newFile)
    const resealed = openSync(newFile, 'r+')
    ftruncateSync(this.#descriptor, this.#length)
    let length = 0
    for (const line of readLines(this.#descriptor)) length += writeSync(resealed, `${resealLine(line, this.#keys)}\n`)
    fsyncSync(resealed)
    renameSync(newFile, file)
    // From here on the new file is the journal, whatever fails: a line in the old one would be lost.
    closeSync(this.#descriptor)
    this.#descriptor = resealed
    this.#length = length
    syncPath(this.#directory)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #write(text: string): void {
    const bytes = Buffer.from(text)
    ftruncateSync(this.#descriptor, this.#length)
    let written = 0
    while (written < bytes.length) {
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written, this.#length + written)
    }
    fsyncSync(this.#descriptor)
    this.#length += bytes.length
  }
}

/** Where the whole lines end, and the position of the last genuine one. */
function readTail(descriptor: number, keys: JournalKeys, onAltered: (lineFromEnd: number) => void) {
  const size = fstatSync(descriptor).size
  const bytes = Buffer.alloc(Math.min(size, tailBytes))
  readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
  const wholeBytes = bytes.lastIndexOf('\n') + 1
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1)
  // The tail may begin in the middle of a line.
  if (bytes.length < size) lines.shift()
  const length = size - bytes.length + wholeBytes
  for (const [index, text] of lines.toReversed().entries()) {
    const line: JournalLine | undefined = parseJournalLine(text, keys)
    if (line !== undefined) return { length, position: { epoch: line.epoch, seq: line.seq } }
    onAltered(index + 1)
  }
  return { length, position: undefined }
}
