import { startServer, type ServerProcess } from './server-process.ts'

/** The server as `npm start` runs it, on a free port and otherwise with its default settings. */
export function startChatelaine(
  dataDirectory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return startServer({
    file: new URL('../packages/server/src/main.ts', import.meta.url),
    env: { CHATELAINE_LISTEN: '127.0.0.1:0', CHATELAINE_DATA: dataDirectory, ...settings },
  })
}
