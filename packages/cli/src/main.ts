import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What Node compiled the last time halves the time of a start. It is kept inside the project, since in the shared
// directory for temporary files others could lay theirs in its place.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url)))

const { run } = await import('./run.ts')
await run(process.argv.slice(2))
flushCompileCache()
