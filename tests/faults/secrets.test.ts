import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Answer } from './client.ts'
import { liveWithSecrets, type Hidden, type Life } from './life-with-secrets.ts'
import { placesIn, Site } from './running-server.ts'
import { encodings, tracesOf, type Encoding } from './traces.ts'

/** Where a secret may have ended up. */
interface Haystack {
  readonly name: string
  readonly bytes: Buffer
}

describe('after a life with every kind of secret', () => {
  const site = new Site({ after })
  const secrets: Hidden[] = []
  const files: Haystack[] = []
  const spoken: Haystack[] = []
  let life: Life

  before(async () => {
    const talkative = { environment: { CHATELAINE_LOG: 'trace' } }
    const server = await site.start(talkative)
    life = await liveWithSecrets(server)
    const masterKey = readFileSync(placesIn(site.directory).masterKey, 'utf8').trim().split(' ').at(-1)!
    secrets.push(...life.secrets, { name: 'the master key', bytes: Buffer.from(masterKey, 'base64') })
    // Killed, so that everything is still where it was written first: in the write-ahead log.
    await server.kill()
    files.push(...readData(site))
    const again = await site.start(talkative)
    await again.stop()
    files.push(...readData(site))
    for (const one of [server, again]) {
      // The link for setting up is meant for whoever reads the terminal.
      const terminal = one.told().replace(/\/setup#\S+/, '')
      spoken.push(
        { name: 'the log', bytes: Buffer.from(one.log()) },
        { name: 'the terminal', bytes: Buffer.from(terminal) },
      )
    }
  })

  for (const encoding of encodings) {
    test(`no secret stands in the data directory, encoded as ${encoding}`, () => {
      for (const secret of secrets) requireAbsent(secret, encoding, files)
    })

    test(`no secret stands in the log or on the terminal, encoded as ${encoding}`, () => {
      for (const secret of secrets) requireAbsent(secret, encoding, spoken)
    })

    test(`no secret stands in an answer, but for the one that hands it over, encoded as ${encoding}`, () => {
      for (const secret of secrets) {
        const others = life.answers.filter((answer) => answer !== secret.issuedIn)
        requireAbsent(secret, encoding, others.map(haystackOf))
      }
    })
  }

  test('what was searched is what was written, logged and answered', () => {
    const holds = (haystacks: readonly Haystack[], text: string) => haystacks.some(({ bytes }) => bytes.includes(text))
    for (const { bytes, issuedIn } of secrets) {
      if (issuedIn !== undefined) assert.ok(haystackOf(issuedIn).bytes.includes(bytes))
    }
    assert.ok(holds(life.answers.map(haystackOf), life.tokenId))
    assert.ok(holds(spoken, '"level":"debug"'))
    for (const file of ['chatelaine.db', 'chatelaine.db-wal', 'journal.jsonl']) {
      assert.ok(
        holds(
          files.filter(({ name }) => name.endsWith(file)),
          life.tokenId,
        ),
        `${file} does not know the token`,
      )
    }
  })
})

for (const encoding of encodings) {
  test(`a secret encoded as ${encoding} is found, whatever stands around it`, () => {
    const bytes = Buffer.from('a "sëcret" of 30 % \\ <tokens>?')
    for (let lead = 0; lead < 6; lead += 1) {
      const haystack = { name: 'a haystack', bytes: encode(bytes, encoding, lead) }
      assert.throws(() => requireAbsent({ name: 'it', bytes }, encoding, [haystack]), /it stands in a haystack/)
    }
  })
}

function requireAbsent({ name, bytes }: Hidden, encoding: Encoding, haystacks: readonly Haystack[]): void {
  for (const trace of tracesOf(bytes, encoding)) {
    for (const haystack of haystacks) {
      assert.ok(!haystack.bytes.includes(trace), `${name} stands in ${haystack.name}`)
    }
  }
}

function haystackOf({ status, headers, text }: Answer): Haystack {
  const heard = `${status}\n${JSON.stringify(headers)}\n${text}`
  return { name: `an answer: ${heard}`, bytes: Buffer.from(heard) }
}

/** Every file of the data directory but the one that is there to hold the key. */
function readData({ directory }: Site): Haystack[] {
  const { data, masterKey } = placesIn(directory)
  return readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== masterKey)
    .map((file) => ({ name: file, bytes: readFileSync(file) }))
}

/** Bytes as they would be found, with so many others before them and some after. */
function encode(bytes: Buffer, encoding: Encoding, lead: number): Buffer {
  const around = Buffer.concat([randomBytes(lead), bytes, randomBytes(5)])
  switch (encoding) {
    case 'raw':
      return around
    case 'JSON':
      return Buffer.from(JSON.stringify({ lead, text: `${lead}${bytes.toString()}.` }))
    case 'URL':
      return Buffer.from(`?${lead}=${lead % 2 === 0 ? encodeURIComponent(bytes.toString()) : escapeAll(bytes)}&`)
    case 'HEX':
      return Buffer.from(around.toString('hex').toUpperCase())
    default:
      return Buffer.from(around.toString(encoding))
  }
}

function escapeAll(bytes: Buffer): string {
  return [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
}
