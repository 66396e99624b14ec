import assert from 'node:assert/strict'
import { noon } from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

/** The promises of `HandoffStore`. */
export function describeHandoffStore(open: OpenStorage, options: SuiteOptions): void {
  const note = { name: 'k0:name', text: '{"agreed":false}', endsAt: noon + 10 }
  const room = { now: noon, waitingMax: 100 }

  describePort('HandoffStore', open, options, (promise) => {
    promise('a note is found until it ends, and is no entry in the log', async ({ source, handoffs }) => {
      const { seq } = source.position()
      assert.equal(await handoffs.leave(note, room), 'kept')
      assert.deepEqual(await handoffs.find(note.name, noon + 9), note)
      assert.equal(await handoffs.find(note.name, noon + 10), undefined)
      assert.equal(await handoffs.find('k0:other', noon), undefined)
      assert.equal(source.position().seq, seq)
    })

    promise('of many notes by one name at once exactly one is kept', async ({ handoffs }) => {
      const texts = Array.from({ length: 10 }, (_, index) => `text ${index}`)
      const left = await Promise.all(texts.map((text) => handoffs.leave({ ...note, text }, room)))
      assert.equal(left.filter((one) => one === 'taken').length, 9)
      assert.equal((await handoffs.find(note.name, noon))?.text, texts[left.indexOf('kept')])
    })

    promise('a name whose note has ended is free again', async ({ handoffs }) => {
      await handoffs.leave(note, room)
      const later = { ...note, text: 'later', endsAt: noon + 20 }
      assert.equal(await handoffs.leave(later, { ...room, now: noon + 9 }), 'taken')
      assert.equal(await handoffs.leave(later, { ...room, now: noon + 10 }), 'kept')
      assert.deepEqual(await handoffs.find(note.name, noon + 10), later)
    })

    promise('no more notes are kept than there is room for, and what has ended makes room', async ({ handoffs }) => {
      const leave = (name: string, now: number) =>
        handoffs.leave({ ...note, name, endsAt: now + 10 }, { now, waitingMax: 2 })
      assert.deepEqual(
        [await leave('a', noon), await leave('b', noon), await leave('c', noon)],
        ['kept', 'kept', 'full'],
      )
      assert.equal(await leave('c', noon + 10), 'kept')
    })
  })
}
