import { enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// What Node compiled at the last start halves the time of this one. It is kept inside the project, since in the shared
// directory for temporary files others could lay theirs in its place. The variable is for the threads that are started.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../node_modules/.cache/compiled', import.meta.url))
enableCompileCache(process.env.NODE_COMPILE_CACHE)

// By now it is ready, or it has said why it cannot start and ended.
await import('./serve.ts')

// At once, since a process that is killed writes nothing.
flushCompileCache()
