import { styleText } from 'node:util'

type Emphasis = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Where a command speaks, and whether a person listens. */
export interface Terminal {
  /** Standard output: what was asked for and nothing else, so that it can be redirected. */
  write(text: string): void
  /** Standard error: a line for the person, after the name of the program. */
  tell(sentence: string): void
  /** Colours a word of standard error, unless `NO_COLOR` is set or nobody sees it. */
  emphasise(text: string, emphasis: Emphasis): string
  /** The same for standard output. */
  style(text: string, emphasis: Emphasis): string
  /** Whether standard output is a terminal: then lists are tables, and times are relative. */
  readonly isTerminal: boolean
  /** Whether a person can be asked: standard input and standard error are a terminal. */
  readonly canAsk: boolean
  /** Whether a person sees standard error, and so can watch long work. */
  readonly isWatched: boolean
  /** Shows a text in the last line of standard error, in the place of the one before; an empty one takes it away. */
  draw(text: string): void
  now(this: void): number
}

/** Back to the beginning of the line, and away with what stands there (ECMA-48: CR, EL). */
const emptyLine = '\r\u001b[K'

export function openTerminal(): Terminal {
  const { stdout, stderr, stdin } = process
  // Whoever reads may stop early, as `head` does.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  return {
    write: (text) => void stdout.write(text),
    tell: (sentence) => void stderr.write(`chatelaine: ${sentence}\n`),
    emphasise: (text, emphasis) => styleText(emphasis, text, { stream: stderr }),
    style: (text, emphasis) => styleText(emphasis, text, { stream: stdout }),
    isTerminal: stdout.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    isWatched: stderr.isTTY,
    draw: (text) => void stderr.write(emptyLine + text),
    now: Date.now,
  }
}

/**
 * A text as a terminal may show it. A label can be made by anybody, and a control character in it could move the cursor
 * or hide what follows.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\u{fffd}')
}
