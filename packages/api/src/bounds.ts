/** Bounds of what the API accepts. Lengths count characters (Unicode code points), as JSON Schema does. */

export const labelLengthMax = 256
export const reasonLengthMax = 256
export const usernameLengthMax = 128
export const emailLengthMax = 254
export const nameLengthMax = 256
export const externalIdLengthMax = 256
export const issuerLengthMax = 512
export const subjectLengthMax = 255
export const projectNameLengthMax = 256
export const projectDescriptionLengthMax = 4_096
export const rateLimitMax = 1_000_000
/** 31 days. */
export const rateWindowSecondsMax = 2_678_400
export const costMax = 1_000
export const usesMax = 1_000_000_000
export const graceSecondsMax = 604_800
export const graceSecondsDefault = 86_400
export const portalLifetimeSecondsMin = 60
export const portalLifetimeSecondsMax = 3_600
export const portalLifetimeSecondsDefault = 900
export const passwordLengthMin = 15
export const passwordLengthMax = 1_024
export const setupCodeLengthMax = 128
export const searchLengthMax = 256
export const cursorLengthMax = 2_048
export const userAgentLengthMax = 8_192
export const clientIpLengthMax = 64
/** What a program that signs in may call itself. */
export const clientIdPattern = /^[A-Za-z0-9 ._-]{1,64}$/
export const actionLengthMax = 64

export const scopeLengthMax = 128
export const scopesPerTokenMax = 100
export const allowedIpsMax = 64

export const metadataBytesMax = 4_096
/** How deep metadata may nest; the metadata object itself is the first level. */
export const metadataDepthMax = 16
/** How deep a whole body may nest: metadata, and the object around it. */
export const bodyDepthMax = metadataDepthMax + 1

/** A thousand years of 365.2425 days, so that every expiry has a year of four digits. */
export const lifetimeSecondsMax = 31_556_952_000

export const permanentTokensBound = 10_000
export const tokensPerOwnerBound = 1_000_000
export const catalogueEntriesMax = 500
export const scopeDescriptionLengthMax = 256
export const scopeGroupLengthMax = 64
/** 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write, in milliseconds since the Unix epoch. */
export const instantMax = 253_402_300_799_999

export const verifyBatchMax = 100
export const leakedTokensMax = 1_000

export const pageLimitDefault = 50
export const pageLimitMax = 200

export const bodyBytesMax = 64 * 1_024
/** For requests that carry many tokens. */
export const batchBodyBytesMax = 1_024 * 1_024

export const idempotencyKeyLengthMax = 255

/** A place in the log, with room for epochs much longer than ours. */
export const logPositionLengthMax = 64
/** Longer paths than most systems take. */
export const backupFileLengthMax = 4_096
export const verifierIdLengthMin = 8
export const verifierIdLengthMax = 64
export const verifierLeaseMsDefault = 5_000
export const verifierLeaseMsMax = 60_000

/** How many faults one answer names; a request with more has them after these are mended. */
export const faultsMax = 20
