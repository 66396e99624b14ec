// A service that verifies the same tokens again and again, as fast as it can. It is told over IPC which, says `warm` once it
// remembers them all, and when it is told to end, when it last began a verification of each that was accepted.

import { createVerifier, type LocalVerifier } from '@chatelaine/sdk'

export interface VerifyingAsked {
  readonly url: string
  readonly managerToken: string
  readonly leaseMs: number
  /** What will be revoked. */
  readonly doomed: readonly string[]
  /** What stays good. */
  readonly good: readonly string[]
}

export interface VerifyingSeen {
  /** Of each doomed token, in nanoseconds of the machine's monotonic clock, as text. */
  readonly lastAcceptedAt: readonly string[]
  /** What a good token was called besides `valid`. */
  readonly ofGood: readonly string[]
}

/** How often all tokens are looked at once more when it is told to end: one that came back to life would show. */
const lastPasses = 5

/** Few enough that with many services on one machine each question is answered before its deadline. */
const warmAtOnce = 20

let isEnding = false

process.on('message', (asked: VerifyingAsked | 'end') => {
  if (asked === 'end') isEnding = true
  else void verifyAll(asked)
})
process.on('disconnect', () => process.exit())

async function verifyAll({ url, managerToken, leaseMs, doomed, good }: VerifyingAsked): Promise<void> {
  const verifier = createVerifier({ url, token: managerToken, leaseMs })
  const isWarm = async (tokens: readonly string[]) => {
    for (let at = 0; at < tokens.length; at += warmAtOnce) {
      const few = tokens.slice(at, at + warmAtOnce)
      await Promise.all(few.map(async (token) => verifier.verify(token)))
    }
    return verifier.state().remembered >= tokens.length
  }
  while (!(await isWarm([...doomed, ...good]))) await turn()
  process.send?.('warm')

  const lastAcceptedAt = doomed.map(() => 0n)
  const isRefused = doomed.map(() => false)
  const ofGood = new Set<string>()
  for (let passesLeft = lastPasses; passesLeft > 0; passesLeft -= isEnding ? 1 : 0) {
    for (const [at, token] of doomed.entries()) {
      // At first sight as a refused one it is asked about, and what is to be measured is not the load of that.
      if (isRefused[at] === true && !isEnding) continue
      const startedAt = process.hrtime.bigint()
      if (isAccepted(verifier, token)) lastAcceptedAt[at] = startedAt
      else isRefused[at] = true
    }
    for (const token of good) ofGood.add((await verifier.verify(token)).code)
    await turn()
  }
  process.send?.({ lastAcceptedAt: lastAcceptedAt.map(String), ofGood: [...ofGood] } satisfies VerifyingSeen)
  await verifier.close()
}

/** What has to be asked of the server is refused there, so it need not be waited for. */
function isAccepted(verifier: LocalVerifier, token: string): boolean {
  const verification = verifier.verify(token)
  return !(verification instanceof Promise) && verification.valid
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
