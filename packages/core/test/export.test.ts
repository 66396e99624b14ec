import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { before, describe, test } from 'node:test'
import {
  actorOf,
  deployment,
  formatBeginning,
  formatExportLine,
  operatorCaller,
  readEntryJson,
  verifyExportText,
  type Change,
  type ExportReport,
  type LogFilters,
} from '@chatelaine/core'
import { verifySignature } from '@chatelaine/token/keys'
import { ModelStore } from './model-store.ts'
import { startAt } from './world.ts'

const rows = 12

describe('an export as a text', () => {
  const store = new ModelStore()
  let publicKeys: ReadonlyMap<string, string>
  let whole: readonly string[]

  before(async () => {
    // Four commits of three entries each.
    for (let seq = 1; seq <= rows; seq += 3) await store.log.commit([seq, seq + 1, seq + 2].map(changeAt))
    publicKeys = new Map((await store.log.auditKeys()).map(({ keyId, publicKey }) => [keyId, publicKey]))
    whole = await textOf({})
  })

  async function textOf(filters: LogFilters): Promise<string[]> {
    const { beginning, lines } = await store.log.export(filters, startAt)
    return [formatBeginning(beginning), ...(await Array.fromAsync(lines)).map(formatExportLine)]
  }

  const check = (lines: readonly string[], keys = publicKeys): ExportReport =>
    verifyExportText(
      lines,
      (text) => hash('sha256', text),
      (keyId, text, signature) => verifySignature(keys.get(keyId) ?? '', Buffer.from(text), signature),
    )

  /** Where the line of this row stands: the beginning and a head after every third row come in between. */
  const lineOf = (seq: number): number => seq + Math.floor((seq - 1) / 3)

  const altered = (at: number, edit: (line: string) => string): string[] =>
    whole.map((line, index) => (index === at ? edit(line) : line))

  test('is one line for the beginning, for each row and for each signed head', () => {
    assert.equal(whole.length, 1 + rows + rows / 3)
    for (const line of whole) assert.ok(!line.includes('\n') && typeof JSON.parse(line) === 'object')
  })

  test('shows an entry as the API does, and reads back as the entry', () => {
    const { entry } = JSON.parse(whole[lineOf(2)]!)
    assert.equal(entry.seq, 'model.2')
    assert.equal(entry.at, '2026-11-22T10:00:00.002Z')
    assert.equal(entry.actor.account_id, null)
    assert.deepEqual(readEntryJson(entry), store.entries[1])
  })

  test('is intact as it was written, and says what was asked for and how many rows were left out', async () => {
    const filters = { subjectId: 'all', action: 'deployment.key_added', from: startAt, until: startAt + 8 } as const
    const report = check(await textOf(filters))
    assert.ok(report.intact)
    assert.deepEqual(report.beginning.filters, filters)
    assert.equal(report.beginning.at, startAt)
    assert.deepEqual([report.rows, report.omitted], [9, 2])
    assert.ok(check(whole).intact)
  })

  describe('names the first row at which it is not what was written', () => {
    const each = Array.from({ length: rows }, (_, index) => index + 1)

    test('for any value that was altered', () => {
      for (const seq of each) {
        const report = check(altered(lineOf(seq), (line) => line.replace('"row ', '"low ')))
        assert.deepEqual(report, { intact: false, seq, fault: 'altered' })
      }
    })

    test('for a row that is gone or whose line breaks off', () => {
      for (const seq of each) {
        const gone = check(whole.toSpliced(lineOf(seq), 1))
        // The head after the last row of a commit is the first line that does not fit.
        assert.deepEqual(gone, { intact: false, seq, fault: seq % 3 === 0 ? 'signature' : 'missing' })
        const broken = check(altered(lineOf(seq), (line) => line.slice(0, -1)))
        assert.deepEqual(broken, { intact: false, seq, fault: 'unreadable' })
      }
    })

    test('for two rows that changed places', () => {
      for (const seq of each.slice(0, -1)) {
        const [one, other] = [lineOf(seq), lineOf(seq + 1)]
        const swapped = whole.with(one, whole[other]!).with(other, whole[one]!)
        assert.deepEqual(check(swapped), { intact: false, seq, fault: 'missing' })
      }
    })

    test('for an end that was cut off, also right behind a signed head', () => {
      for (let length = 1; length < whole.length - 1; length += 1) {
        const cut = whole.slice(0, length)
        const kept = cut.filter((line) => line.includes('"entry"')).length
        assert.deepEqual(check(cut), { intact: false, seq: kept + 1, fault: 'missing' }, `${length} lines`)
      }
      assert.deepEqual(check(whole.slice(0, -1)), { intact: false, seq: rows - 2, fault: 'unsigned' })
    })

    test('for a row behind the end', async () => {
      const short = await textOf({ until: startAt + 4 })
      const report = check([...short, ...whole.slice(lineOf(7))])
      assert.deepEqual(report, { intact: false, seq: 7, fault: 'out-of-order' })
    })

    test('for a line that says more than what is checked', () => {
      const edits: ((line: string) => string)[] = [
        (line) => line.replace('"entry":{', '"entry":{"action":"token.revoked",'),
        (line) => line.replace('{"chain"', '{"approved":true,"chain"'),
        (line) => line.replace('"client":null', '"client":null,"name":"eve"'),
        (line) => ` ${line}`,
        (line) => line.replace('"row ', '"\\u0072ow '),
        () => '',
        () => '[]',
        () => 'null',
        () => '{"chain":1}',
        () => '{"head":{"chain":"0","key_id":"k","seq":"1","signature":7}}',
      ]
      for (const edit of edits) {
        assert.deepEqual(check(altered(lineOf(5), edit)), { intact: false, seq: 5, fault: 'unreadable' })
      }
    })

    test('for a beginning that says something else than was signed', async () => {
      const short = await textOf({ until: startAt + 4 })
      const edits = [
        whole.with(0, whole[0]!.replace('"last_number":12', '"last_number":9')),
        whole.with(0, whole[0]!.replace('"filters":{}', '"filters":{"action":"token.created"}')),
        whole.with(0, short[0]!.replace('"last_number":3', '"last_number":12')),
        whole.with(0, '{}'),
        whole.slice(1),
        [],
      ]
      for (const lines of edits) assert.deepEqual(check(lines), { intact: false, seq: 0, fault: 'beginning' })
    })

    test('for one that was signed by somebody else', () => {
      const others = new Map([...publicKeys.keys()].map((keyId) => [keyId, Buffer.alloc(32, 7).toString('base64')]))
      assert.deepEqual(check(whole, others), { intact: false, seq: 0, fault: 'beginning' })
    })
  })
})

function changeAt(seq: number): Change {
  return {
    at: startAt + seq,
    actor: actorOf(operatorCaller),
    action: 'deployment.key_added',
    effect: 'none',
    subject: deployment,
    details: { label: `row ${seq}`, nested: { b: [1, null], a: 'é' } },
    write: { put: 'nothing' },
    guards: [],
  }
}
