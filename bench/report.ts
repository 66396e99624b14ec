import { readFileSync, writeFileSync } from 'node:fs'

const readme = new URL('./README.md', import.meta.url)
/** Between these two stands what the last whole run printed. */
const marks = ['<!-- printed -->', '<!-- end of printed -->'] as const

/** Puts what a run printed into the README, in place of what the last one did. */
export function writeReport(printed: string): void {
  writeFileSync(readme, withReport(readFileSync(readme, 'utf8'), printed))
}

/**
 * The text with what stands between the two marks replaced.
 * @throws Error when the text does not have each mark once, in this order.
 */
export function withReport(text: string, printed: string): string {
  const [begin, end] = marks
  const [before, between, ...moreBegins] = text.split(begin)
  const [, after, ...moreEnds] = between?.split(end) ?? []
  if (before === undefined || after === undefined || moreBegins.length + moreEnds.length > 0) {
    throw new Error(`what was printed goes between ${begin} and ${end}, which must stand there once`)
  }
  return `${before}${begin}\n\n${printed}\n\n${end}${after}`
}
