import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeSetUpCode } from '@chatelaine/core'
import type { Assembled } from './assemble.ts'
import { originOf, settingsTable, type Settings } from './config.ts'
import type { Listen } from './setting-values.ts'
import { goodBootstrapTokenFile } from './first-start.ts'
import { createApp } from './http/app.ts'
import { createListener } from './http/listener.ts'
import { OperatorError } from './operator-error.ts'
import { readyLines } from './ready-lines.ts'

/**
 * Begins to answer requests.
 * @throws OperatorError when the address is taken; the system's own error when it cannot be used otherwise.
 */
export async function serveRequests({ service }: Assembled, at: Listen): Promise<{ server: Server; port: number }> {
  const server = createListener(service, createApp(service).handle)
  await listen(server, at)
  return { server, port: (server.address() as AddressInfo).port }
}

/** Where people find a server that listens at this port. */
export function originAt(port: number, { publicUrl, listen: { host } }: Settings): string {
  return publicUrl ?? originOf({ host, port })
}

/** What whoever has started the server is told. */
export async function readyText({ service }: Assembled, origin: string): Promise<string> {
  const isOpen = !(await service.ports.accounts.hasAdministrator())
  const setUpCode = isOpen ? makeSetUpCode(service.ports) : undefined
  const bootstrapTokenFile = await goodBootstrapTokenFile(service)
  return readyLines({ origin, setUpCode, bootstrapTokenFile })
}

function listen(server: Server, { host, port }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const hint = `stop that program, or set ${settingsTable.listen.variable} to another port; 0 picks a free one`
      reject(new OperatorError(`${host}:${port} is in use by another program`, hint, error))
    })
    server.listen({ host, port }, resolve)
  })
}
