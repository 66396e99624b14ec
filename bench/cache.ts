import { inRoot } from '../tools/root.ts'

/** What one run leaves for the next: filled databases and the peer. On the same disk as the repository, never in memory. */
export const cacheDirectory = inRoot('node_modules/.cache/chatelaine-bench')
