// What a verifier outside the server needs to answer from memory and be right: the protocol of freshness, without
// anything that sends, waits or stores.

export * from './lease.ts'
export * from './authority-time.ts'
export * from './feed-entry.ts'
export * from './feed-reader.ts'
export { SubjectMemory, type SubjectIdsOf } from './memory.ts'
export { formatPosition, parsePosition, type Position } from './change.ts'
export type { Clock } from './ports.ts'

// What a remembered answer is held against.
export { contains, parseAddress, parseBlocks, type Block } from './address.ts'
export { missingScopes } from './scope.ts'
