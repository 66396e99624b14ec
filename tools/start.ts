// What `npm start` runs: the server, with its console built from what stands in the repository.

import { buildConsole } from './build-console.ts'

buildConsole()
await import('../packages/server/src/main.ts')
