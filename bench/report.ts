import { readFileSync, writeFileSync } from 'node:fs'

const readme = new URL('./README.md', import.meta.url)
/** Between these two stands what was printed last: the machine, and then a section for each row. */
const marks = ['<!-- printed -->', '<!-- end of printed -->'] as const

/** What a run printed, by the name of the row. */
export interface Report {
  readonly machine: string
  readonly sections: ReadonlyMap<string, string>
}

/** Puts what a run printed into the README. Of the rows that it did not measure, what stands there stays. */
export function writeReport(report: Report, order: readonly string[]): void {
  writeFileSync(readme, withReport(readFileSync(readme, 'utf8'), report, order))
}

/**
 * The text with the sections of the report between the two marks, and those of other rows left as they stand.
 * @param order of the rows; a section of a row that there is no more goes.
 * @throws Error when the text does not have each mark once, in this order, or when what would stay is from another
 *   machine: figures of two machines in one table would be compared.
 */
export function withReport(text: string, { machine, sections }: Report, order: readonly string[]): string {
  const [begin, end] = marks
  const [before, between, ...moreBegins] = text.split(begin)
  const [printed, after, ...moreEnds] = between?.split(end) ?? []
  if (before === undefined || printed === undefined || after === undefined || moreBegins.length + moreEnds.length > 0) {
    throw new Error(`what was printed goes between ${begin} and ${end}, which must stand there once`)
  }
  const held = parse(printed)
  const stays = order.filter((name) => held.sections.has(name) && !sections.has(name))
  if (stays.length > 0 && held.machine !== machine) {
    throw new Error(`${stays.join(', ')} were measured on another machine: measure every row here, or write nothing`)
  }
  const all = order.flatMap((name) => {
    const section = sections.get(name) ?? held.sections.get(name)
    return section === undefined ? [] : [`### \`${name}\`\n\n${section}`]
  })
  return [`${before}${begin}`, machine, ...all, `${end}${after}`].join('\n\n')
}

function parse(printed: string): Report {
  const [machine = '', ...sections] = printed.split('\n### ')
  return {
    machine: machine.trim(),
    sections: new Map(
      sections.map((section) => {
        const [heading = '', ...lines] = section.split('\n')
        return [heading.replaceAll('`', ''), lines.join('\n').trim()]
      }),
    ),
  }
}
