// The requests that the server is measured with.

import type { FilledData } from './filled-data.ts'
import type { Gets, Posts, StreamPlan } from './load/plan.ts'

/** Connections that verify at the same time: those of a few busy services. */
export const verifyingConnections = 32
/** Connections that create at the same time. */
const creatingConnections = 64

export const verificationPath = '/api/v1/tokens/verify'
const creationPath = '/api/v1/tokens'

/** Asks about each of these tokens in turn, as fast as answers come. */
export function verifications(data: FilledData, tokens: readonly string[], further: object = {}): StreamPlan & Posts {
  return {
    path: verificationPath,
    authorization: `Bearer ${data.managerToken}`,
    bodies: tokens.map((token) => JSON.stringify({ token, ...further })),
    connections: verifyingConnections,
    expected: '{"valid":true,',
  }
}

/** Asks for one path with each of these tokens in turn, as clients of a guarded service do. */
export function visits(tokens: readonly string[], path: string, expected: string): StreamPlan & Gets {
  return {
    path,
    authorizations: tokens.map((token) => `Bearer ${token}`),
    connections: verifyingConnections,
    expected,
  }
}

/** Creates temporary tokens for one account after the other. */
export function creations(data: FilledData): StreamPlan {
  return {
    path: creationPath,
    authorization: `Bearer ${data.managerToken}`,
    bodies: data.accountIds.map((account_id) => JSON.stringify({ label: 'made by the benchmark', account_id })),
    connections: creatingConnections,
    expected: '{"id":"tok_',
  }
}
