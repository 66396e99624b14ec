// The HTTP contract as data. What the server answers, the OpenAPI document and the clients all come from here.

export * from './bounds.ts'
export * from './examples.ts'
export type { Json, JsonObject } from './fields.ts'
export * from './openapi.ts'
export * from './problems.ts'
export * from './read.ts'
export * from './routes.ts'
export * from './schemas.ts'
export { accountRoles, accountStatuses } from './schemas/account.ts'
export { origins, tokenKinds, tokenSorts, tokenStatuses } from './schemas/token.ts'
export { verificationCodes, type VerificationCode } from './schemas/verification.ts'
