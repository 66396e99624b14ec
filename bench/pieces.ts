// The pieces of a verification in a process that does nothing else. It is told over IPC what to open and answers how
// many nanoseconds each piece takes, by round.

import { randomBytes } from 'node:crypto'
import { decide, Freshness, Memory, Verifier } from '@chatelaine/core'
import { processFingerprint } from '@chatelaine/token/keys'
import { openFilled } from './open-filled.ts'
import { alternate } from './rounds.ts'

export interface PiecesAsked {
  readonly directory: string
  readonly tokens: readonly string[]
  readonly roundCount: number
}

export type PiecesMeasured = Record<'decide' | 'digest' | 'fingerprint' | 'verify', number[]>

/** How often all tokens are gone through in one round. */
const passesEachRound = 300
/** Before the first round, so that every piece is compiled. */
const passesFirst = 50

process.on('message', (asked: PiecesAsked) => void measurePieces(asked))
process.on('disconnect', () => process.exit())

async function measurePieces({ directory, tokens, roundCount }: PiecesAsked): Promise<void> {
  const { storage, keys } = await openFilled(directory)
  const fingerprint = processFingerprint(randomBytes)
  const memory = new Memory<undefined>(tokens.length)
  const verifier = new Verifier<undefined>({
    tokens: storage.tokens,
    keys,
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
    memory,
    freshness: new Freshness(storage.source.position(), memory),
    fingerprint,
    prepare: () => undefined,
    onFirstUse: () => Promise.resolve(),
    onOldDigest: () => {},
  })
  // Asking is what makes the verifier remember them.
  const standings = await Promise.all(tokens.map(async (token) => (await verifier.verify(token, {})).known!))
  const now = Date.now()
  const each = {
    decide: (at: number) => decide(standings[at]!, {}, now).code === 'valid',
    digest: (at: number) => keys.digestMatches(tokens[at]!, standings[at]!.token.digest),
    fingerprint: (at: number) => fingerprint(tokens[at]!) !== '',
    verify: (at: number) => isValid(verifier.verify(tokens[at]!, {})),
  }
  const time = (piece: (at: number) => boolean) => () => Promise.resolve(nanosecondsEach(piece, tokens.length))
  for (const piece of Object.values(each)) nanosecondsEach(piece, tokens.length, passesFirst)
  const { decide: d, digest, fingerprint: f, verify } = each
  process.send?.(
    await alternate(roundCount, { decide: time(d), digest: time(digest), fingerprint: time(f), verify: time(verify) }),
  )
  await storage.close()
}

function isValid(verdict: ReturnType<Verifier<undefined>['verify']>): boolean {
  return !(verdict instanceof Promise) && verdict.decision.code === 'valid'
}

function nanosecondsEach(piece: (at: number) => boolean, count: number, passes = passesEachRound): number {
  let holds = 0
  const began = process.hrtime.bigint()
  for (let pass = 0; pass < passes; pass++) for (let at = 0; at < count; at++) if (piece(at)) holds++
  const took = Number(process.hrtime.bigint() - began)
  // Its result is looked at, or the compiler might leave out what was to be measured.
  if (holds !== passes * count) throw new Error(`${passes * count - holds} answers were not the expected ones`)
  return took / holds
}
