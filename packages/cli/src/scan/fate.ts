// What became of the tokens that were found: asked of the server, and, if the person wants it, revoked.

import { isProblem, type Client, type Token } from '@chatelaine/sdk'
import type { Secret } from '@chatelaine/token'

/** What the server knows of a token that was found. */
export interface Fate {
  readonly status: Token['status'] | 'unknown'
  readonly owner: string | null
  readonly since: string | null
}

/** How many questions are under way at once. */
const questionsMax = 8
/** How many tokens a request may hand over. */
const leakedMax = 1_000

/**
 * Asks about each token by its id, which counts as no use of it. `unknown`: not of this server, or not for us to know.
 */
export async function lookUpFates(client: Client, ids: readonly string[]): Promise<ReadonlyMap<string, Fate>> {
  const fates = new Map<string, Fate>()
  const waiting = [...new Set(ids)]
  const ask = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) fates.set(id, await lookUp(client, id))
  }
  await Promise.all(Array.from({ length: questionsMax }, ask))
  return fates
}

async function lookUp(client: Client, id: string): Promise<Fate> {
  try {
    const { status, account_id, project_id, kind, created_at } = await client.tokens.get(id)
    return { status, owner: account_id ?? project_id ?? kind, since: created_at }
  } catch (error) {
    if (isProblem(error, 'not-found', 'scope-missing', 'not-permitted'))
      return { status: 'unknown', owner: null, since: null }
    throw error
  }
}

/** Revokes whatever of these is a live token. Holding them is the right to do so. */
export async function revokeFound(
  client: Client,
  tokens: readonly Secret[],
  advance: (count: number) => void,
): Promise<void> {
  for (let at = 0; at < tokens.length; at += leakedMax) {
    const batch = tokens.slice(at, at + leakedMax)
    await client.tokens.revokeLeaked(batch.map((token) => token.reveal()))
    advance(batch.length)
  }
}
