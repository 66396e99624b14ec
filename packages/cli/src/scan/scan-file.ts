// One file, read in pieces into the same memory again and again.

import { closeSync, openSync, readSync } from 'node:fs'
import { encodingOf, findTokens, overlapBytes, type Encoding, type FoundToken } from './find-tokens.ts'

/** A token that was found, and where in what a person can open. */
export interface Finding extends Omit<FoundToken, 'offset' | 'end'> {
  /** A path, or `<commit>:<path>`. */
  readonly place: string
  /** From 1. */
  readonly line: number
  /** In UTF-16 code units of the line, from 1. */
  readonly column: number
}

/** How much of a file is looked through at once. Most files are shorter. */
const pieceBytes = 1_048_576
const piece = Buffer.allocUnsafe(pieceBytes + overlapBytes)

export type Reading = 'read' | 'binary' | 'unreadable'

/** Looks through one file. It never throws: files come and go, and may be closed to whoever asks. */
export function scanFile(path: string, withBinaries: boolean, report: (finding: Finding) => void): Reading {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return 'unreadable'
  }
  try {
    return scanPieces(path, withBinaries, (into, at) => readSync(descriptor, into, at, pieceBytes, null), report)
  } catch {
    return 'unreadable'
  } finally {
    closeSync(descriptor)
  }
}

/** Looks through bytes that are in memory already. */
export function scanBytes(
  place: string,
  bytes: Buffer,
  withBinaries: boolean,
  report: (finding: Finding) => void,
): Reading {
  const encoding = encodingOf(bytes)
  if (!withBinaries && encoding === 'binary') return 'binary'
  for (const found of findTokens(bytes, encoding)) report(findingOf(place, bytes, encoding, found, 0))
  return 'read'
}

/** @param read puts the next bytes into the buffer at the place, and says how many; 0 at the end. */
function scanPieces(
  place: string,
  withBinaries: boolean,
  read: (into: Buffer, at: number) => number,
  report: (finding: Finding) => void,
): Reading {
  let kept = 0
  let linesBefore = 0
  let encoding: Encoding | undefined
  for (;;) {
    const count = read(piece, kept)
    if (count === 0) return 'read'
    const bytes = piece.subarray(0, kept + count)
    encoding ??= encodingOf(bytes)
    if (!withBinaries && encoding === 'binary') return 'binary'
    for (const found of findTokens(bytes, encoding)) {
      // What lies within the part that was kept was found with the piece before.
      if (found.end > kept) report(findingOf(place, bytes, encoding, found, linesBefore))
    }
    const keepFrom = Math.max(0, bytes.length - overlapBytes)
    linesBefore += newlinesIn(bytes, keepFrom)
    piece.copyWithin(0, keepFrom, bytes.length)
    kept = bytes.length - keepFrom
  }
}

function findingOf(
  place: string,
  bytes: Buffer,
  encoding: Encoding,
  { offset, end: _, ...found }: FoundToken,
  linesBefore: number,
): Finding {
  const lineStart = bytes.lastIndexOf(newline, offset) + 1
  const before = bytes.toString(encoding === 'utf16' ? 'utf16le' : 'utf8', lineStart, offset)
  return { ...found, place, line: linesBefore + newlinesIn(bytes, offset) + 1, column: before.length + 1 }
}

const newline = 0x0a

function newlinesIn(bytes: Buffer, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(newline); at !== -1 && at < end; at = bytes.indexOf(newline, at + 1)) count++
  return count
}
