// Verification by the SDK in a process that does nothing else, beside signed tokens. It is told over IPC which server to
// follow, and answers how many verifications a second there are, by round.

import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { createClient, createVerifier, type LocalVerifier, type Question } from '@chatelaine/sdk'
import { jwtVerify, SignJWT } from 'jose'
import { alternate } from './rounds.ts'

export interface SdkAsked {
  readonly url: string
  readonly managerToken: string
  /** What is measured with. */
  readonly tokens: readonly string[]
  /** What is remembered beside. */
  readonly further: readonly string[]
  /** Whom tokens are made for that are bound to addresses. */
  readonly accountIds: readonly string[]
  readonly roundCount: number
}

export interface SdkMeasured {
  readonly perSecond: Record<'memory' | 'restricted' | 'jose' | 'nodeCrypto', number[]>
  /** What the process holds for each remembered token, on its heap and beside it. */
  readonly rememberedBytesEach: number
  readonly rememberedCount: number
}

/** How often all tokens are gone through in one round, of what takes a microsecond and of what takes a hundred. */
const passes = 300
const signedPasses = 3
/** How many are asked about at once. */
const askedAtOnce = 64

process.on('message', (asked: SdkAsked) => void measureSdk(asked))
process.on('disconnect', () => process.exit())

async function measureSdk({ url, managerToken, tokens, further, accountIds, roundCount }: SdkAsked): Promise<void> {
  const rememberedMax = tokens.length + accountIds.length + further.length
  const verifier = createVerifier({ url, token: managerToken, rememberedMax })
  const narrow: Question = { scopes: ['data:read'], client_ip: '192.0.2.7' }
  await warm(verifier, tokens, {})
  const restricted = await Promise.all(accountIds.map((accountId) => restrictedToken(url, managerToken, accountId)))
  await warm(verifier, restricted, narrow)
  const before = heldBytes()
  await warm(verifier, further, {})
  const rememberedBytesEach = (heldBytes() - before) / further.length

  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const signed = await Promise.all(tokens.map((_, at) => signedToken(String(at), privateKey)))
  const perSecond = await alternate(roundCount, {
    memory: () => rateOf(passes, tokens, (token) => isValid(verifier, token, {})),
    restricted: () => rateOf(passes, restricted, (token) => isValid(verifier, token, narrow)),
    jose: () =>
      rateOfAsync(signedPasses, signed, async (token) => (await jwtVerify(token, publicKey)).payload.sub !== ''),
    nodeCrypto: () => rateOf(signedPasses, signed, (token) => isSigned(token, publicKey)),
  })
  process.send?.({ perSecond, rememberedBytesEach, rememberedCount: further.length } satisfies SdkMeasured)
  await verifier.close()
}

async function warm(verifier: LocalVerifier, tokens: readonly string[], question: Question): Promise<void> {
  await verifier.verify(tokens[0]!, question)
  for (let from = 0; from < tokens.length; from += askedAtOnce) {
    const some = tokens.slice(from, from + askedAtOnce)
    while (some.some((token) => !isValid(verifier, token, question))) {
      await Promise.all(some.map(async (token) => verifier.verify(token, question)))
    }
  }
}

function isValid(verifier: LocalVerifier, token: string, question: Question): boolean {
  const verification = verifier.verify(token, question)
  return !(verification instanceof Promise) && verification.valid
}

async function restrictedToken(url: string, managerToken: string, accountId: string): Promise<string> {
  const { tokens } = createClient({ url, token: managerToken })
  const bounds = { scopes: ['data:*'], allowed_ips: ['192.0.2.0/24', '2001:db8::/32'] }
  return (await tokens.create({ account_id: accountId, ...bounds })).token.reveal()
}

function signedToken(subject: string, key: KeyObject): Promise<string> {
  const claims = new SignJWT({ scope: 'data:read' }).setProtectedHeader({ alg: 'EdDSA' }).setSubject(subject)
  return claims.setExpirationTime('1h').sign(key)
}

/** What has to be done of a signed token at the least: the signature, and that it has not expired. */
function isSigned(token: string, key: KeyObject): boolean {
  const signatureAt = token.lastIndexOf('.')
  const signed = Buffer.from(token.slice(0, signatureAt))
  if (!verify(null, signed, key, Buffer.from(token.slice(signatureAt + 1), 'base64url'))) return false
  const payload = token.slice(token.indexOf('.') + 1, signatureAt)
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number }
  return exp * 1_000 > Date.now()
}

function rateOf(passes: number, tokens: readonly string[], isGood: (token: string) => boolean): Promise<number> {
  let good = 0
  const beganMs = performance.now()
  for (let pass = 0; pass < passes; pass++) for (const token of tokens) if (isGood(token)) good++
  return Promise.resolve(checkedRate(good, passes * tokens.length, beganMs))
}

async function rateOfAsync(
  passes: number,
  tokens: readonly string[],
  isGood: (token: string) => Promise<boolean>,
): Promise<number> {
  let good = 0
  const beganMs = performance.now()
  for (let pass = 0; pass < passes; pass++) for (const token of tokens) if (await isGood(token)) good++
  return checkedRate(good, passes * tokens.length, beganMs)
}

/** A figure made of refusals is worth nothing. */
function checkedRate(good: number, asked: number, beganMs: number): number {
  if (good !== asked) throw new Error(`${asked - good} of ${asked} answers were not the expected ones`)
  return (good * 1_000) / (performance.now() - beganMs)
}

function heldBytes(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
