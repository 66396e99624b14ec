import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Misuse } from '../src/failure.ts'
import { parseDuration, relative, requireInstant } from '../src/times.ts'

const now = Date.parse('2026-11-22T10:00:00.000Z')

describe('times on the command line', () => {
  test('a duration is a whole number and a unit, and nothing else is one', () => {
    assert.deepEqual(
      ['90s', '15m', '12h', '30d', '4w', '1y'].map(parseDuration),
      [90, 900, 43_200, 2_592_000, 2_419_200, 31_536_000],
    )
    for (const text of ['', '0s', '-1d', '1.5h', '3', 'd', '1 d', '1D', '1d1h', '9999999999s']) {
      assert.equal(parseDuration(text), undefined, text)
    }
  })

  test('an instant is a duration from now, a day, or a whole instant of RFC 3339', () => {
    assert.equal(requireInstant('--expires', '2d', now), '2026-11-24T10:00:00.000Z')
    assert.equal(requireInstant('--expires', '2027-01-31', now), '2027-01-31T00:00:00.000Z')
    assert.equal(requireInstant('--expires', '2027-01-31T12:00:00+02:00', now), '2027-01-31T10:00:00.000Z')
    for (const text of ['tomorrow', '2027', '2027-13-01', '2027-01-31 12:00', '31.1.2027', '1767225600']) {
      assert.throws(() => requireInstant('--expires', text, now), Misuse, text)
    }
  })

  test('people read how far away it is, in the largest unit that fits', () => {
    const at = (seconds: number) => relative(new Date(now + seconds * 1_000).toISOString(), now)
    assert.equal(at(0), 'now')
    assert.equal(at(-1), '1 second ago')
    assert.equal(at(119), 'in 1 minute')
    assert.equal(at(-7_200), '2 hours ago')
    assert.equal(at(3 * 86_400), 'in 3 days')
    assert.equal(at(-40 * 86_400), '1 month ago')
    assert.equal(at(800 * 86_400), 'in 2 years')
  })
})
