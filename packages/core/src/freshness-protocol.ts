// What a verifier outside the server needs to answer from memory and be right: the protocol of freshness, without
// anything that sends, waits or stores.

export * from './freshness/lease.ts'
export * from './freshness/authority-time.ts'
export * from './feed/feed-entry.ts'
export * from './feed/feed-reader.ts'
export { SubjectMemory, type SubjectIdsOf } from './freshness/memory.ts'
export { formatPosition, parsePosition, type Position } from './log/change.ts'
export type { Clock } from './ports.ts'

// What a remembered answer is held against.
export { contains, parseAddress, parseBlocks, type Block } from './domain/address.ts'
export { missingScopes } from './domain/scope.ts'
