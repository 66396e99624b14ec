import { connect } from 'node:net'

/** The server itself cuts whatever does not arrive within ten seconds. */
const exchangeMsMax = 15_000

export interface Exchange {
  /** The status of every answer, in order; informational ones are left out. */
  readonly statuses: readonly number[]
  readonly text: string
  /** Whether it was the server that ended the connection, within `exchangeMsMax`. */
  readonly isClosed: boolean
  /** From the connection to its end. */
  readonly tookMs: number
}

/**
 * Sends bytes over a connection of their own and listens until the server closes it.
 * @param endsEarly whether to close the own half behind them, as one does who breaks off
 */
export function exchange(port: number, bytes: Uint8Array, { endsEarly = false } = {}): Promise<Exchange> {
  return new Promise((resolve) => {
    const beganAtMs = performance.now()
    const chunks: Buffer[] = []
    let isClosed = true
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const deadline = setTimeout(() => {
      isClosed = false
      socket.destroy()
    }, exchangeMsMax)
    socket.on('data', (chunk) => chunks.push(chunk))
    // The server may close while we still write; whatever it said before counts.
    socket.on('error', () => {})
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      clearTimeout(deadline)
      const text = Buffer.concat(chunks).toString('latin1')
      resolve({ statuses: statusesIn(text), text, isClosed, tookMs: performance.now() - beganAtMs })
    })
    if (endsEarly) socket.end(bytes)
    else socket.write(bytes)
  })
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
    .map(([, status]) => Number(status))
    .filter((status) => status >= 200)
}
