import { argon2, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { Failure, type Passwords } from '@chatelaine/core'
import type { Random } from '@chatelaine/token'

/** What a password costs: argon2id (RFC 9106) with the least that OWASP recommends, about 25 ms and 19 MiB. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 } as const

const saltBytes = 16
const hashBytes = 32

/** So many are computed at once; each takes a core and its memory. */
export const passwordsAtOnceMax = 2
/** So many wait for their turn, a second at most; beyond it whoever asks is told to come back. */
export const passwordsWaitingMax = 32

/**
 * @returns passwords as PHC strings, `$argon2id$v=19$m=…,t=…,p=…$<salt>$<hash>`, which name their own cost, so that a
 *   later release can raise it. Both methods throw `unavailable` when more than `passwordsWaitingMax` wait.
 */
export function argon2Passwords(random: Random): Passwords {
  const turns = new Turns()
  const decoySalt = random(saltBytes)
  return {
    async hash(password) {
      const salt = random(saltBytes)
      return formatPhc(salt, await turns.take(() => compute(password, salt, cost, hashBytes)))
    },
    async matches(password, hash) {
      const stored = hash === null ? undefined : parsePhc(hash)
      const { salt, tag, ...costs } = stored ?? { salt: decoySalt, tag: Buffer.alloc(hashBytes), ...cost }
      const computed = await turns.take(() => compute(password, salt, costs, tag.length))
      return timingSafeEqual(computed, tag) && stored !== undefined
    },
  }
}

type Cost = Pick<Argon2Parameters, 'memory' | 'passes' | 'parallelism'>

/** Composed characters (RFC 8265 §4.2.2), so that a password is the same from every keyboard. */
function compute(password: string, nonce: Uint8Array, costs: Cost, tagLength: number): Promise<Buffer> {
  const parameters = { ...costs, message: password.normalize('NFC'), nonce, tagLength }
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)))
  })
}

function formatPhc(salt: Uint8Array, tag: Buffer): string {
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(salt)}$${unpadded(tag)}`
}

const phcPattern =
  /^\$argon2id\$v=19\$m=(?<memory>\d{1,7}),t=(?<passes>\d{1,2}),p=(?<parallelism>\d{1,2})\$(?<salt>[\w+/]{11,86})\$(?<tag>[\w+/]{22,86})$/

/** The stored hash was made here and sealed, so one that cannot be read is a defect. */
function parsePhc(hash: string): Cost & { salt: Buffer; tag: Buffer } {
  const parts = phcPattern.exec(hash)?.groups
  if (parts === undefined) throw new Error('a stored password hash is not argon2id in PHC format')
  return {
    memory: Number(parts.memory),
    passes: Number(parts.passes),
    parallelism: Number(parts.parallelism),
    salt: Buffer.from(parts.salt!, 'base64'),
    tag: Buffer.from(parts.tag!, 'base64'),
  }
}

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

/** Lets a few computations run at a time, in the order of arrival. */
class Turns {
  #running = 0
  readonly #waiting: (() => void)[] = []

  async take<T>(compute: () => Promise<T>): Promise<T> {
    if (this.#running >= passwordsAtOnceMax) await this.#wait()
    else this.#running += 1
    try {
      return await compute()
    } finally {
      // Whoever is next takes over this turn, so that nobody who comes later can slip in between.
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  #wait(): Promise<void> {
    if (this.#waiting.length >= passwordsWaitingMax) {
      const message = 'Too many passwords are being checked at once. Try again in a second; tokens go on working.'
      throw new Failure('unavailable', message, { retryAfterSeconds: 1 })
    }
    return new Promise((resume) => this.#waiting.push(resume))
  }
}
