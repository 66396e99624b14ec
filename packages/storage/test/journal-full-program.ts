import { Freshness, revoked } from '@chatelaine/core'
import { openPlace, refusalOf, sayAndWait } from './limited-program.ts'
import { noon, Notes, putToken, sampleToken, storeToken } from './samples.ts'

// Run by disk-full.test.ts, which lets no file grow beyond the journal as it is then.

const storage = await openPlace()
const token = await storeToken(storage, sampleToken())
const notes = new Notes()
storage.source.follow(notes)
const freshness = new Freshness(storage.source.position(), { forget: () => {}, forgetAll: () => {} })
storage.source.follow(freshness)
await sayAndWait({ tokenId: token.id })
const revocation = putToken(revoked(token, noon, 'stolen'), {}, { effect: 'takes' })
const refusal = await refusalOf(storage.log.commit([revocation]))
const { revokedAt, changedSeq } = (await storage.tokens.find(token.id))!
const isRevoked = revokedAt !== null
// What a second revocation passes before it says that the token was revoked already.
const again = await refusalOf(freshness.reach(changedSeq))
const next = await refusalOf(storeToken(storage, sampleToken()))
const unready = storage.unreadyBecause()
await sayAndWait({ refusal, isRevoked, isFollowed: notes.entries.length === 1, again, next, unready })
await sayAndWait({
  next: await refusalOf(storeToken(storage, sampleToken())),
  again: await refusalOf(freshness.reach(changedSeq)),
  unready: storage.unreadyBecause(),
})
await storage.close()
process.exit(0)
