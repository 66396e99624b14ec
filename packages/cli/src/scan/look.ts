// Looks through what was asked for, and keeps count.

import { counted } from '../counted.ts'
import { CommandFailure, Misuse } from '../failure.ts'
import { commitOf, listHistory, listStaged, readObjects, type GitObject } from './git-objects.ts'
import { scanBytes, scanFile, type Finding, type Reading } from './scan-file.ts'
import { walk } from './walk.ts'

export interface Looked {
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Record<Reading, number>>
}

export interface Where {
  readonly history?: true
  readonly staged?: true
  readonly exclude: readonly string[]
  readonly binary?: true
}

/** What is read from standard input at most. */
const inputBytesMax = 1_073_741_824
/** More are of no use to anybody. */
const findingsMax = 100_000

/** @throws Misuse for places that exclude each other, CommandFailure for more findings than anybody can use. */
export async function look(paths: readonly string[], where: Where, advance: (count: number) => void): Promise<Looked> {
  const findings: Finding[] = []
  const counts = { read: 0, binary: 0, unreadable: 0 }
  const report = (finding: Finding): void => {
    if (findings.length === findingsMax) throw new CommandFailure(`there are more than ${findingsMax} tokens`)
    findings.push(finding)
  }
  const count = (reading: Reading): void => {
    counts[reading]++
    advance(1)
  }
  const withBinaries = where.binary === true
  const isGit = where.history === true || where.staged === true
  if (isGit && (paths.length > 0 || where.history === where.staged)) {
    throw new Misuse('--history, --staged and paths exclude each other', 'run it once for each')
  }
  if (isGit) {
    const objects = where.history ? await listHistory() : await listStaged()
    await lookAtObjects(objects, where.history === true, withBinaries, report, count)
    return { findings, counts }
  }
  const named = paths.length === 0 ? ['.'] : paths
  if (named.includes('-')) count(scanBytes('-', await readInput(), withBinaries, report))
  const files = walk(
    named.filter((path) => path !== '-'),
    where.exclude,
  )
  for (const file of files) count(scanFile(file, withBinaries, report))
  return { findings, counts }
}

async function lookAtObjects(
  objects: readonly GitObject[],
  isHistory: boolean,
  withBinaries: boolean,
  report: (finding: Finding) => void,
  count: (reading: Reading) => void,
): Promise<void> {
  for await (const { object, type, bytes } of readObjects(objects)) {
    if (bytes === undefined) {
      count('unreadable')
      continue
    }
    const found: Finding[] = []
    count(scanBytes(object.path, bytes, withBinaries, (finding) => void found.push(finding)))
    if (found.length === 0) continue
    const place = isHistory ? await placeOf(object, type) : object.path
    for (const finding of found) report({ ...finding, place })
  }
}

/** As git itself names a file in a commit. */
async function placeOf(object: GitObject, type: string): Promise<string> {
  return type === 'blob' ? `${await commitOf(object)}:${object.path}` : `${type} ${object.hash.slice(0, 12)}`
}

async function readInput(): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > inputBytesMax) throw new CommandFailure('standard input is longer than 1 GiB', 'write it into a file')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** What was looked at, in one sentence. */
export function summary({ counts }: Looked, findings: readonly Finding[]): string {
  const { read, binary, unreadable } = counts
  const places = new Set(findings.map(({ place }) => place)).size
  const passedOver = [
    ...(binary > 0 ? [`${binary} binary`] : []),
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
  ]
  const rest = passedOver.length === 0 ? '' : `, passed over: ${passedOver.join(', ')}`
  const tokens = counted(findings.length, 'token', 'tokens')
  return `${tokens} in ${counted(places, 'place', 'places')}; looked through: ${read}${rest}`
}
