import { readSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'

const chunkBytes = 65_536

/** The lines of an open file, from its beginning, without the whole of it in memory. A last line without its end counts. */
export function* readLines(descriptor: number): Generator<string> {
  const chunk = Buffer.alloc(chunkBytes)
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for (let at = 0; ;) {
    const bytes = readSync(descriptor, chunk, 0, chunkBytes, at)
    if (bytes === 0) break
    at += bytes
    const lines = (rest + decoder.write(chunk.subarray(0, bytes))).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}
