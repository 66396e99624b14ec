import type { Terminal } from './terminal.ts'

/** How often the bar is drawn at most. */
const drawnEveryMs = 100

/**
 * Does long work under a bar on standard error, where a person sees it.
 * @param total how much there is; `undefined` when nobody knows, then it is counted.
 */
export async function withProgress<T>(
  title: string,
  total: number | undefined,
  terminal: Terminal,
  work: (advance: (count: number) => void) => Promise<T>,
): Promise<T> {
  if (!terminal.isWatched) return work(() => undefined)
  let done = 0
  let drawnAt = 0
  try {
    return await work((count) => {
      done += count
      const now = terminal.now()
      if (now - drawnAt < drawnEveryMs) return
      drawnAt = now
      terminal.draw(`${title} ${total === undefined ? done : barOf(done, total)}`)
    })
  } finally {
    terminal.draw('')
  }
}

const barWidth = 24

function barOf(done: number, total: number): string {
  const share = Math.min(1, done / total)
  const filled = Math.round(share * barWidth)
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${Math.floor(share * 100)} %`
}
