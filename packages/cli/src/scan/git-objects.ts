// What git keeps: everything that ever was in the history, or what the next commit would hold.

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { CommandFailure } from '../failure.ts'

/** An object, and under which path it was seen first; none for commits and tags. */
export interface GitObject {
  readonly hash: string
  readonly path: string
}

/** A larger file is passed over, as if it could not be read. */
const objectBytesMax = 67_108_864
/** The longest list of objects that is read into memory. */
const listBytesMax = 1_073_741_824

/** All objects that any branch, tag or stash reaches. */
export async function listHistory(): Promise<readonly GitObject[]> {
  const text = await git('rev-list', '--objects', '--all', '--reflog')
  const objects: GitObject[] = []
  for (const line of text.split('\n')) {
    const [, hash, path = ''] = /^([0-9a-f]+) ?(.*)$/.exec(line) ?? []
    if (hash !== undefined) objects.push({ hash, path })
  }
  return objects
}

/** The files that would be new or changed in the next commit. */
export async function listStaged(): Promise<readonly GitObject[]> {
  const text = await git('diff', '--cached', '--raw', '-z', '--abbrev=64', '--no-renames', '--diff-filter=ACM')
  const parts = text.split('\0')
  const objects: GitObject[] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, , , hash = ''] = parts[at]!.split(' ')
    objects.push({ hash, path: parts[at + 1]! })
  }
  return objects
}

/** The content of the objects, in their order; `undefined` for one that is too large. Directories are left out. */
export async function* readObjects(
  objects: readonly GitObject[],
): AsyncGenerator<{ readonly object: GitObject; readonly type: string; readonly bytes: Buffer | undefined }> {
  const child = spawn('git', ['cat-file', '--batch', '--buffer'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const told = tell(child, objects)
  const read = readerOf(child.stdout as AsyncIterable<Buffer>)
  try {
    for (const object of objects) {
      const [, type = '', size = ''] = (await read.line()).split(' ')
      const byteCount = Number(size)
      const isTooLarge = byteCount > objectBytesMax
      const bytes = await read.bytes(byteCount, isTooLarge)
      await read.bytes(1, true)
      if (type !== 'tree') yield { object, type, bytes: isTooLarge ? undefined : bytes }
    }
    await told
  } finally {
    child.kill()
  }
}

/** The commit in which a file first had this content, in short. */
export async function commitOf({ hash, path }: GitObject): Promise<string> {
  const commits = await git('log', '--all', '--format=%h', `--find-object=${hash}`, '--', path)
  return commits.trim().split('\n').at(-1) || hash.slice(0, 12)
}

/** @throws CommandFailure outside of a repository, and where there is no git. */
export async function git(...args: readonly string[]): Promise<string> {
  try {
    // What a repository has configured for such an occasion is not run: somebody else may have written it.
    const given = ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false', ...args]
    return (await promisify(execFile)('git', given, { maxBuffer: listBytesMax })).stdout
  } catch (error) {
    const { code, stderr = '' } = error as NodeJS.ErrnoException & { stderr?: string }
    if (code === 'ENOENT') throw new CommandFailure('there is no git on this machine', 'install it', error)
    throw new CommandFailure(stderr.trim().replace(/^fatal: /, ''), 'run it inside a git repository', error)
  }
}

async function tell(child: ChildProcess, objects: readonly GitObject[]): Promise<void> {
  const { stdin } = child
  if (stdin === null) return
  stdin.on('error', () => undefined)
  for (const { hash } of objects) {
    if (!stdin.write(`${hash}\n`)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')])
  }
  stdin.end()
}

const newline = 0x0a

function readerOf(chunks: AsyncIterable<Buffer>) {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const more = async (): Promise<void> => {
    const next = await iterator.next()
    if (next.done === true) throw new CommandFailure('git ended before it had shown everything')
    rest = next.value
  }
  return {
    async line(): Promise<string> {
      const pieces: Buffer[] = []
      for (;;) {
        const end = rest.indexOf(newline)
        if (end !== -1) {
          pieces.push(rest.subarray(0, end))
          rest = rest.subarray(end + 1)
          return Buffer.concat(pieces).toString()
        }
        pieces.push(rest)
        await more()
      }
    },
    async bytes(count: number, isDropped: boolean): Promise<Buffer> {
      const pieces: Buffer[] = []
      for (let missing = count; missing > 0;) {
        if (rest.length === 0) await more()
        const piece = rest.subarray(0, missing)
        if (!isDropped) pieces.push(piece)
        missing -= piece.length
        rest = rest.subarray(piece.length)
      }
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    },
  }
}
