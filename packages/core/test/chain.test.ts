import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { describe, test } from 'node:test'
import {
  canonicalJson,
  chainStart,
  entryHash,
  headText,
  nextChain,
  verifyExport,
  type ExportLine,
  type ExportVerdict,
  type Json,
  type LogEntry,
} from '@chatelaine/core'
import { deriveKeys, KeyRing, verifySignature } from '@chatelaine/token/keys'
import * as fc from 'fast-check'
import { randomFrom } from './world.ts'

const sha256 = (text: string): string => hash('sha256', text)
const keys = deriveKeys(KeyRing.generate(randomFrom(1)))
const strangerKeys = deriveKeys(KeyRing.generate(randomFrom(2)))
const publicKeys = new Map(keys.publicKeys().map(({ keyId, publicKey }) => [keyId, publicKey]))

function check(lines: Iterable<ExportLine>, start = { seq: 0, chain: chainStart }): ExportVerdict {
  return verifyExport(start, lines, sha256, (keyId, text, signature) =>
    verifySignature(publicKeys.get(keyId) ?? '', Buffer.from(text), signature),
  )
}

function entryAt(seq: number, epoch: string): LogEntry {
  const actor = { type: 'operator', accountId: null, tokenId: null, ip: null, client: null } as const
  const subject = { type: 'token', id: `tok_${seq}` } as const
  return { epoch, seq, at: seq, actor, action: 'token.revoked', effect: 'takes', subject, details: { reason: 'x' } }
}

interface Written {
  /** How many rows each commit has. */
  readonly commits: readonly number[]
  /** Whether the row with this seq is left out of the export. */
  readonly isOmitted?: (seq: number) => boolean
  readonly epochOf?: (seq: number) => string
}

/** An export as the deployment writes it: a signed head after each commit. */
function exportOf({ commits, isOmitted = () => false, epochOf = () => 'one' }: Written): ExportLine[] {
  const lines: ExportLine[] = []
  let chain = chainStart
  let seq = 0
  for (const size of commits) {
    for (let row = 0; row < size; row += 1) {
      seq += 1
      const entry = entryAt(seq, epochOf(seq))
      const rowHash = entryHash(entry, sha256)
      chain = nextChain(chain, rowHash, sha256)
      lines.push(isOmitted(seq) ? { omitted: { seq, hash: rowHash }, chain } : { entry, chain })
    }
    lines.push({ head: signedHead(epochOf(seq), seq, chain) })
  }
  return lines
}

function signedHead(epoch: string, seq: number, chain: string, by = keys) {
  return { epoch, seq, chain, ...by.sign(Buffer.from(headText({ epoch, seq, chain }))) }
}

const commits = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 })
const seeds = fc.nat()

/** The places of the rows among the lines. */
function rowPlaces(lines: readonly ExportLine[]): number[] {
  return lines.flatMap((line, index) => ('head' in line ? [] : [index]))
}

function seqOf(line: ExportLine): number {
  if ('head' in line) return line.head.seq
  return 'entry' in line ? line.entry.seq : line.omitted.seq
}

describe('an export that is what the deployment wrote', () => {
  test('is intact, whatever was left out of it and however many epochs it spans', () => {
    fc.assert(
      fc.property(commits, fc.array(fc.boolean(), { minLength: 1 }), fc.nat(24), (sizes, omitted, restoredAt) => {
        const rows = sizes.reduce((sum, size) => sum + size, 0)
        const lines = exportOf({
          commits: sizes,
          isOmitted: (seq) => omitted[seq % omitted.length]!,
          epochOf: (seq) => (seq < restoredAt ? 'one' : 'two'),
        })
        assert.deepEqual(check(lines), { intact: true, rows, lastSeq: rows })
      }),
    )
  })

  test('may begin anywhere, with the chain before its first row', () => {
    const lines = exportOf({ commits: [2, 3, 1] })
    const third = lines[1] as Extract<ExportLine, { entry: LogEntry }>
    assert.deepEqual(check(lines.slice(3), { seq: 2, chain: third.chain }), { intact: true, rows: 4, lastSeq: 6 })
    assert.deepEqual(check([]), { intact: true, rows: 0, lastSeq: 0 })
  })
})

describe('an export that is not: the first row at which it differs is named', () => {
  test('for any field of any row that was altered', () => {
    const edits: ((entry: LogEntry) => LogEntry)[] = [
      (entry) => ({ ...entry, at: entry.at + 1 }),
      (entry) => ({ ...entry, actor: { ...entry.actor, accountId: 'acc_0000000000000009' } }),
      (entry) => ({ ...entry, action: 'token.updated' }),
      (entry) => ({ ...entry, effect: 'none' }),
      (entry) => ({ ...entry, subject: { type: 'token', id: 'tok_other' } }),
      (entry) => ({ ...entry, details: { reason: 'y' } }),
      (entry) => ({ ...entry, details: { ...entry.details, more: null } }),
      (entry) => ({ ...entry, epoch: 'three' }),
    ]
    fc.assert(
      fc.property(commits, seeds, fc.constantFrom(...edits), (sizes, seed, edit) => {
        const lines = exportOf({ commits: sizes })
        const places = rowPlaces(lines)
        const place = places[seed % places.length]!
        const line = lines[place] as Extract<ExportLine, { entry: LogEntry }>
        lines[place] = { ...line, entry: edit(line.entry) }
        assert.deepEqual(check(lines), { intact: false, seq: line.entry.seq, fault: 'altered' })
      }),
    )
  })

  test('for a hash that stands for an omitted row', () => {
    const lines = exportOf({ commits: [3], isOmitted: (seq) => seq === 2 })
    const line = lines[1] as Extract<ExportLine, { omitted: object }>
    lines[1] = { ...line, omitted: { ...line.omitted, hash: sha256('other') } }
    assert.deepEqual(check(lines), { intact: false, seq: 2, fault: 'altered' })
  })

  test('for a row that is gone, unless it was the last', () => {
    fc.assert(
      fc.property(commits, seeds, (sizes, seed) => {
        const lines = exportOf({ commits: sizes })
        const places = rowPlaces(lines)
        const place = places[seed % places.length]!
        const [removed] = lines.splice(place, 1)
        const next = lines[place]!
        // After the last row of a commit its head is the first line that does not fit.
        const fault = 'head' in next ? 'signature' : 'missing'
        assert.deepEqual(check(lines), { intact: false, seq: seqOf(removed!), fault })
      }),
    )
  })

  test('for two rows that changed places', () => {
    fc.assert(
      fc.property(commits, seeds, seeds, (sizes, one, other) => {
        const lines = exportOf({ commits: [...sizes, 2] })
        const places = rowPlaces(lines)
        const [first, second] = [places[one % places.length]!, places[other % places.length]!].toSorted((a, b) => a - b)
        fc.pre(first !== second)
        const expected = seqOf(lines[first!]!)
        ;[lines[first!], lines[second!]] = [lines[second!]!, lines[first!]!]
        assert.deepEqual(check(lines), { intact: false, seq: expected, fault: 'missing' })
      }),
    )
  })

  test('for a row that comes twice', () => {
    const lines = exportOf({ commits: [4] })
    lines.splice(2, 0, lines[1]!)
    assert.deepEqual(check(lines), { intact: false, seq: 2, fault: 'out-of-order' })
  })

  test('for a tail that was cut off behind the last signed head', () => {
    fc.assert(
      fc.property(commits, fc.integer({ min: 2, max: 5 }), fc.nat(), (sizes, last, seed) => {
        const kept = 1 + (seed % (last - 1))
        const lines = exportOf({ commits: [...sizes, last] })
        const signed = sizes.reduce((sum, size) => sum + size, 0)
        const cut = lines.slice(0, lines.length - 1 - (last - kept))
        assert.deepEqual(check(cut), { intact: false, seq: signed + 1, fault: 'unsigned' })
      }),
    )
  })

  test('for a tail that was rewritten without the key, at the head that it does not fit', () => {
    const genuine = exportOf({ commits: [2, 2] })
    const rewritten = exportOf({ commits: [2, 2], epochOf: (seq) => (seq === 4 ? 'forged' : 'one') })
    assert.deepEqual(check([...rewritten.slice(0, -1), genuine.at(-1)!]), {
      intact: false,
      seq: 4,
      fault: 'signature',
    })
  })

  test('for a head that was signed by nobody we know, or altered', () => {
    const lines = exportOf({ commits: [2] })
    const { head } = lines.at(-1) as Extract<ExportLine, { head: object }>
    const forged = [
      signedHead(head.epoch, head.seq, head.chain, strangerKeys),
      { ...head, keyId: 'unknown' },
      { ...head, signature: '' },
      { ...head, epoch: 'two' },
      signedHead('two', head.seq, head.chain),
      signedHead(head.epoch, 7, head.chain),
    ]
    for (const other of forged) {
      const verdict = check([...lines.slice(0, -1), { head: other }])
      assert.deepEqual(verdict, { intact: false, seq: other.seq, fault: 'signature' })
    }
  })
})

describe('the one spelling of a value', () => {
  test('reads back as the value, and is the same in whatever order the keys were written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = canonicalJson(value as Json)
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
        assert.equal(canonicalJson(reversed(value as Json)), text)
        assert.equal(canonicalJson(JSON.parse(text) as Json), text)
      }),
    )
  })

  test('tells apart what differs', () => {
    const texts = [{ a: 1 }, { a: '1' }, { a: [1] }, { a: null }, {}, [], '', null, 0, false, { a: { b: 1 } }]
    assert.equal(new Set(texts.map((value) => canonicalJson(value as Json))).size, texts.length)
  })
})

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  )
}
