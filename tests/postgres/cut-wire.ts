// A wire between a program and its database that breaks at a word of one's choice.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'

/** At which moment the connection is lost: before the server has read the word, or after, so that its answer is lost. */
export type Moment = 'before-it-arrives' | 'after-it-arrived'

export interface CutWire {
  /** The database through this wire. */
  readonly url: string
  /** The next connection on which the program says this word is cut there. Those that follow are whole. */
  cutAt(word: string, moment: Moment): void
  close(): void
}

export async function cutWire(databaseUrl: string): Promise<CutWire> {
  const target = new URL(databaseUrl)
  let cut: { word: string; moment: Moment } | undefined
  const server = createServer((program) => {
    const database = connect(Number(target.port), target.hostname)
    program.on('data', (bytes: Buffer) => {
      if (cut !== undefined && bytes.includes(cut.word)) {
        const { moment } = cut
        cut = undefined
        database.unpipe(program)
        if (moment === 'after-it-arrived') database.end(bytes)
        else database.destroy()
        program.destroy()
      } else {
        database.write(bytes)
      }
    })
    database.pipe(program)
    for (const [one, other] of [
      [program, database],
      [database, program],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.end())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cutAt(word, moment) {
      cut = { word, moment }
    },
    close: () => void server.close(),
  }
}
