// A lock between processes that share a directory, for work that takes seconds. Locks are numbered files: whoever makes
// the file of the next number holds it, and since making a file that is not there succeeds once, nobody else does. The
// newest is never removed, so that a number is never held twice, and whoever was asleep meanwhile finds a higher one.

import { open, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface LockTiming {
  /** How long whoever holds it may act upon it. */
  readonly holdMs: number
  /** After how long without a change others take it over; longer than `holdMs`, since clocks differ in their pace. */
  readonly staleMs: number
  /** How often those who wait look again. */
  readonly lookMs: number
}

export const lockTiming: LockTiming = { holdMs: 20_000, staleMs: 30_000, lookMs: 100 }

export class FileLock {
  readonly #path: string
  readonly #untilMs: number

  constructor(path: string, untilMs: number) {
    this.#path = path
    this.#untilMs = untilMs
  }

  /** Whether nobody else can have taken it over yet. */
  isHeld(): boolean {
    return performance.now() < this.#untilMs
  }

  async release(): Promise<void> {
    try {
      await writeOnce(this.#path, 'r+', free)
    } catch {
      // Somebody took it over and removed it, so there is nothing to give back.
    }
  }
}

/** Waits for the lock that belongs to a file, which need not be there; its directory must. */
export async function lockFile(file: string, signal: AbortSignal, timing = lockTiming): Promise<FileLock> {
  let seen: { readonly number: number; readonly sinceMs: number } | undefined
  for (;;) {
    signal.throwIfAborted()
    const number = await newestNumber(file)
    if (seen?.number !== number) seen = { number, sinceMs: performance.now() }
    const isStale = performance.now() - seen.sinceMs >= timing.staleMs
    if (number === 0 || isStale || (await isFree(file, number))) {
      const lock = await tryToMake(file, number + 1, timing)
      if (lock !== undefined) return lock
    } else {
      await new Promise((resolve) => setTimeout(resolve, timing.lookMs))
    }
  }
}

const held = 'held'
const free = 'free'

async function tryToMake(file: string, number: number, { holdMs }: LockTiming): Promise<FileLock | undefined> {
  const path = pathOf(file, number)
  const untilMs = performance.now() + holdMs
  try {
    await writeOnce(path, 'wx', held)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
    throw error
  }
  const others = (await numbersOf(file)).filter((other) => other !== number)
  if (others.some((other) => other > number)) {
    await rm(path, { force: true })
    return undefined
  }
  for (const other of others) await rm(pathOf(file, other), { force: true })
  return new FileLock(path, untilMs)
}

async function writeOnce(path: string, flags: 'wx' | 'r+', text: string): Promise<void> {
  const handle = await open(path, flags, 0o600)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}

async function isFree(file: string, number: number): Promise<boolean> {
  return (await readFile(pathOf(file, number), 'utf8').catch(() => held)) === free
}

async function newestNumber(file: string): Promise<number> {
  return Math.max(0, ...(await numbersOf(file)))
}

async function numbersOf(file: string): Promise<number[]> {
  const lead = leadOf(file)
  const names = await readdir(dirname(file))
  return names.filter((name) => name.startsWith(lead)).map((name) => Number(name.slice(lead.length)))
}

function pathOf(file: string, number: number): string {
  return join(dirname(file), `${leadOf(file)}${number}`)
}

function leadOf(file: string): string {
  return `.${basename(file)}.lock-`
}
