import type { Acknowledged, Taking } from './acknowledged.ts'
import { bodyOf } from './client.ts'
import type { Steward } from './steward.ts'

/** So many requests are under way at any time. */
const writersCount = 24

/**
 * Creates, revokes and suspends tokens of one account as fast as they are answered, and kills the server in the middle of
 * it, after so many acknowledgements. Ends when the last writer has met the end of the server.
 */
export async function writeUntil(
  steward: Steward,
  acknowledged: Acknowledged,
  { accountId, count, kill }: { accountId: string; count: number; kill: () => Promise<void> },
): Promise<void> {
  const untouched: string[] = []
  const enough = acknowledged.acknowledgements + count
  let ending: Promise<void> | undefined

  async function create(): Promise<void> {
    const issued = await steward.issue({ account_id: accountId, label: 'made under load' })
    acknowledged.noteIssued(issued)
    untouched.push(issued.id)
  }

  async function take(id: string, taking: Taking): Promise<void> {
    acknowledged.noteTaking(id, taking)
    const { client, token: as } = steward
    const path = `/api/v1/tokens/${id}`
    if (taking === 'revoked') bodyOf('revokeToken', 204, await client.ask('DELETE', path, { as }))
    else bodyOf('updateToken', 200, await client.ask('PATCH', path, { as, body: { is_active: false } }))
    acknowledged.noteTaken(id, taking)
  }

  async function write(writer: number): Promise<void> {
    for (let turn = writer; ending === undefined; turn += 1) {
      // One token in three is let alone, so that there is always something that must still verify.
      const id = turn % 3 === 0 ? untouched.shift() : undefined
      if (id === undefined) await create()
      else await take(id, turn % 2 === 0 ? 'revoked' : 'suspended')
      if (acknowledged.acknowledgements >= enough) ending ??= kill()
    }
  }

  const writers = Array.from({ length: writersCount }, async (_, writer) => {
    try {
      await write(writer)
    } catch (error) {
      // Whatever was under way when the server was killed broke off; before that nothing may.
      if (ending === undefined) throw error
    }
  })
  await Promise.all(writers)
  await ending
}
