import { revoked } from '@chatelaine/core'
import { openPlace, refusalOf, sayAndWait } from './limited-program.ts'
import { noon, Notes, putToken, sampleToken, storeToken } from './samples.ts'

// Run by disk-full.test.ts, which lets no file grow beyond the journal as it is then.

const storage = await openPlace()
const token = await storeToken(storage, sampleToken())
const notes = new Notes()
storage.log.follow(notes)
await sayAndWait({ tokenId: token.id })
const revocation = putToken(revoked(token, noon, 'stolen'), {}, { effect: 'takes' })
const refusal = await refusalOf(storage.log.commit([revocation]))
const isRevoked = (await storage.tokens.find(token.id))?.revokedAt !== null
const next = await refusalOf(storeToken(storage, sampleToken()))
await sayAndWait({ refusal, isRevoked, isFollowed: notes.entries.length === 1, next })
await sayAndWait({ next: await refusalOf(storeToken(storage, sampleToken())) })
await storage.close()
process.exit(0)
