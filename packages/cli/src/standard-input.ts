/** The longest text that is read where one line is expected. */
const inputLengthMax = 1_048_576

/** All of standard input. @throws RangeError when it is longer than what is meant here. */
export async function readStandardInput(): Promise<string> {
  const pieces: string[] = []
  let length = 0
  process.stdin.setEncoding('utf8')
  for await (const piece of process.stdin as AsyncIterable<string>) {
    length += piece.length
    if (length > inputLengthMax) throw new RangeError(`standard input is longer than ${inputLengthMax} characters`)
    pieces.push(piece)
  }
  return pieces.join('')
}
