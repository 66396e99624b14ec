import type { ServerProcess } from './server-process.ts'

/** Who creates, and where. */
export interface Manager {
  readonly server: Pick<ServerProcess, 'port'>
  readonly managerToken: string
}

/** What every answer to a creation has; only that to a token's has its secret. */
interface Created {
  readonly id: string
  readonly token?: string
}

/**
 * Creates something over HTTP.
 * @throws Error with the answer, when it is a refusal.
 */
export async function createOver({ server, managerToken }: Manager, path: string, body: object): Promise<Created> {
  const headers = { authorization: `Bearer ${managerToken}`, 'content-type': 'application/json' }
  const address = `http://127.0.0.1:${server.port}/api/v1${path}`
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })
  if (response.status !== 201) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Created
}
