import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Listens on a free port, prints the address, and ends when told to. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    console.log(`http://127.0.0.1:${port}`)
  })
  process.on('SIGTERM', () => process.exit())
}
