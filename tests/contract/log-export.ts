import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import {
  actorOf,
  operatorCaller,
  verifyExport,
  type ExportLine,
  type ExportVerdict,
  type LogExport,
  type LogFilters,
} from '@chatelaine/core'
import { verifySignature } from '@chatelaine/token/keys'
import { change, noon, requireCommitted } from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type Storage, type SuiteOptions } from './suite.ts'

const ada = 'acc_00000000000000aa'
const adasToken = 'tok_00000000000000aa'

/** The log as it proves itself. */
export function describeLogExport(open: OpenStorage, options: SuiteOptions): void {
  describePort('ChangeLog.export', open, options, (promise) => {
    promise('an export of everything shows every entry once, in order, and is intact', async ({ log }) => {
      await fill({ log }, 250)
      const { lines, verdict } = await taken({ log }, {})
      const { items } = await log.read({ limit: 300 })
      assert.deepEqual(shown(lines), items.toReversed())
      assert.deepEqual(verdict, { intact: true, rows: 250, lastSeq: 250 })
    })

    promise('entries that the filters leave out are there by their bare hash', async ({ log }) => {
      await fill({ log }, 30)
      const filters: readonly LogFilters[] = [
        { action: 'token.exposed' },
        { subjectId: 'tok_0000000000000003' },
        { actorId: ada },
        { actorId: adasToken },
        { actorId: ada, action: 'token.exposed', subjectId: 'tok_0000000000000003' },
        { subjectId: 'nobody' },
      ]
      for (const filter of filters) {
        const { lines, verdict } = await taken({ log }, filter)
        const { items } = await log.read({ ...filter, limit: 200 })
        assert.deepEqual(shown(lines), items.toReversed())
        assert.deepEqual(verdict, { intact: true, rows: 30, lastSeq: 30 })
      }
    })

    promise('an export of some time begins and ends with what happened then, and is intact', async ({ log }) => {
      await fill({ log }, 30)
      const { exported, lines, verdict } = await taken({ log }, { from: noon + 10, until: noon + 20 })
      assert.deepEqual(
        shown(lines).map(({ at }) => at - noon),
        [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
      )
      assert.equal(exported.beginning.extent.seq, 10)
      assert.ok(verdict.intact && verdict.lastSeq >= 20, JSON.stringify(verdict))
    })

    promise('an entry of that time is there also where a clock went back', async ({ log }) => {
      for (const at of [5, 12, 3, 11, 30, 15, 40]) await log.commit([change({ put: 'nothing' }, { at: noon + at })])
      const { exported, lines, verdict } = await taken({ log }, { from: noon + 10, until: noon + 20 })
      assert.deepEqual(
        shown(lines).map(({ at }) => at - noon),
        [12, 11, 15],
      )
      assert.deepEqual(exported.beginning.extent.seq, 1)
      assert.deepEqual(verdict, { intact: true, rows: 5, lastSeq: 6 })
    })

    promise('an export of a time in which nothing happened is empty and intact', async ({ log }) => {
      await fill({ log }, 3)
      for (const filters of [{ from: noon + 99 }, { until: noon }, { from: noon + 99, until: noon + 100 }]) {
        const { lines, verdict } = await taken({ log }, filters)
        assert.deepEqual(lines, [])
        assert.ok(verdict.intact)
      }
      assert.deepEqual((await taken({ log }, { from: noon + 99 })).verdict, { intact: true, rows: 0, lastSeq: 3 })
    })

    promise('an export goes on to the signed head behind its last entry, with hashes alone', async ({ log }) => {
      const batch = [0, 1, 2, 3].map((at) => change({ put: 'nothing' }, { at: noon + at }))
      requireCommitted(await log.commit(batch))
      const { lines, verdict } = await taken({ log }, { until: noon + 2 })
      assert.equal(shown(lines).length, 2)
      assert.deepEqual(verdict, { intact: true, rows: 4, lastSeq: 4 })
    })

    promise(
      'an export ends with the log as it was when it began, whatever comes while it is taken',
      async ({ log }) => {
        await fill({ log }, 3)
        const exported = await log.export({}, noon)
        await fill({ log }, 3)
        const { verdict } = await take({ log }, exported)
        assert.deepEqual(verdict, { intact: true, rows: 3, lastSeq: 3 })
        assert.equal(exported.beginning.extent.lastSeq, 3)
      },
    )

    promise('an export that is given up half-way leaves the log as usable as before', async ({ log }) => {
      await fill({ log }, 250)
      const { lines } = await log.export({}, noon)
      for await (const line of lines) {
        assert.ok('entry' in line)
        break
      }
      assert.ok((await taken({ log }, {})).verdict.intact)
      requireCommitted(await log.commit([change({ put: 'nothing' })]))
    })
  })
}

/** Entries a millisecond apart, some of them two to a commit, with a few actors, subjects and actions. */
async function fill({ log }: Pick<Storage, 'log'>, count: number): Promise<void> {
  const one = (index: number) =>
    change(
      { put: 'nothing' },
      {
        at: noon + index,
        action: index % 2 === 0 ? 'token.exposed' : 'token.updated',
        subject: { type: 'token', id: `tok_000000000000000${index % 5}` },
        actor:
          index % 3 === 0
            ? { ...actorOf(operatorCaller), accountId: ada, tokenId: adasToken }
            : actorOf(operatorCaller),
        details: { label: `\u2028 ${index} "€" 🗝` },
      },
    )
  for (let index = 0; index < count; index += 2) {
    requireCommitted(await log.commit(index + 1 < count ? [one(index), one(index + 1)] : [one(index)]))
  }
}

interface Taken {
  readonly exported: LogExport
  readonly lines: readonly ExportLine[]
  readonly verdict: ExportVerdict
}

async function taken({ log }: Pick<Storage, 'log'>, filters: LogFilters): Promise<Taken> {
  return take({ log }, await log.export(filters, noon))
}

async function take({ log }: Pick<Storage, 'log'>, exported: LogExport): Promise<Taken> {
  const lines = await Array.fromAsync(exported.lines)
  const publicKeys = new Map((await log.auditKeys()).map(({ keyId, publicKey }) => [keyId, publicKey]))
  const verdict = verifyExport(
    exported.beginning.extent,
    lines,
    (text) => hash('sha256', text),
    (keyId, text, signature) => verifySignature(publicKeys.get(keyId) ?? '', Buffer.from(text), signature),
  )
  return { exported, lines, verdict }
}

function shown(lines: readonly ExportLine[]) {
  return lines.flatMap((line) => ('entry' in line ? [line.entry] : []))
}
