// A wire between one instance and its database that can be held still, cut, or kept from carrying what the server tells
// of news.

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Relay {
  /** The database through this wire. */
  readonly url: string
  /** From now on nothing passes either way, though every connection stays, and new ones are taken. */
  hold(): void
  /** Breaks every connection, and each one that is made, until `release`. */
  cut(): void
  /** Everything passes again: what was held first, in its order. */
  release(): void
  close(): void
}

export interface RelayOptions {
  /** Keeps what the server tells of news by itself (`NOTIFY`) from arriving. */
  readonly withoutNotifications?: boolean
}

export async function relayTo(
  databaseUrl: string,
  { withoutNotifications = false }: RelayOptions = {},
): Promise<Relay> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let passes: 'everything' | 'nothing' | 'no connection' = 'everything'

  const server = createServer((program) => {
    const database = connect(Number(target.port), target.hostname)
    carry(program, database, (bytes) => bytes)
    carry(database, program, withoutNotifications ? droppingNotifications() : (bytes) => bytes)
    if (passes === 'no connection') program.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function carry(from: Socket, to: Socket, passing: (bytes: Buffer) => Buffer): void {
    sockets.add(from)
    from.on('data', (bytes: Buffer) => to.write(passing(bytes)))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
    if (passes === 'nothing') from.pause()
  }

  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    hold() {
      passes = 'nothing'
      for (const socket of sockets) socket.pause()
    },
    cut() {
      passes = 'no connection'
      for (const socket of sockets) socket.destroy()
    },
    release() {
      passes = 'everything'
      for (const socket of sockets) socket.resume()
    },
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: a letter, and the length of what follows. */
const headerBytes = 5
const notificationResponse = 'A'.charCodeAt(0)

function droppingNotifications(): (bytes: Buffer) => Buffer {
  let rest: Buffer = Buffer.alloc(0)
  return (bytes) => {
    rest = Buffer.concat([rest, bytes])
    const kept: Buffer[] = []
    while (rest.length >= headerBytes) {
      const length = 1 + rest.readInt32BE(1)
      if (rest.length < length) break
      if (rest[0] !== notificationResponse) kept.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return Buffer.concat(kept)
  }
}
