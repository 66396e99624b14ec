const headEnd = Buffer.from('\r\n\r\n')
const contentLength = /\r\ncontent-length: *(\d+)/i
/** Where the status stands in `HTTP/1.1 200`. */
const statusClassAt = 9

/** One whole answer. */
export interface Answer {
  readonly isSuccess: boolean
  /** The bytes that hold it; others may stand around it. */
  readonly bytes: Buffer
  readonly bodyAt: number
}

/**
 * Cuts the bytes of one connection into answers, by Content-Length alone: it costs the generator a microsecond where a
 * client for people costs more than the server that is measured.
 */
export class AnswerReader {
  #pending: Buffer | undefined

  /**
   * Takes what arrived and gives the answer, or `undefined` while it is not whole. A connection never has two requests
   * under way, so no answer follows another in the same bytes.
   * @throws Error for an answer without Content-Length, whose end nobody could see.
   */
  read(chunk: Buffer): Answer | undefined {
    const bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    this.#pending = bytes
    const headBytes = bytes.indexOf(headEnd)
    if (headBytes === -1) return undefined
    const length = contentLength.exec(bytes.toString('latin1', 0, headBytes))?.[1]
    if (length === undefined) throw new Error('an answer came without Content-Length')
    const bodyAt = headBytes + headEnd.length
    if (bytes.length < bodyAt + Number(length)) return undefined
    this.#pending = undefined
    return { isSuccess: bytes[statusClassAt] === 0x32, bytes, bodyAt }
  }
}
