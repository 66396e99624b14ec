import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerReader } from '../../bench/load/answer-reader.ts'
import { Latencies } from '../../bench/load/latencies.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 4\r\n\r\ntrue')

test('an answer is read from whatever pieces it arrives in', () => {
  for (let cut = 1; cut < answer.length; cut++) {
    const reader = new AnswerReader()
    assert.equal(reader.read(answer.subarray(0, cut)), undefined)
    const { isSuccess, bytes, bodyAt } = reader.read(answer.subarray(cut))!
    assert.deepEqual([isSuccess, bytes.toString('latin1', bodyAt)], [true, 'true'])
  }
})

test('one reader reads one answer after another', () => {
  const reader = new AnswerReader()
  assert.ok(reader.read(answer))
  assert.equal(reader.read(Buffer.from('HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'))?.isSuccess, false)
})

test('an answer whose end cannot be seen is refused', () => {
  const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')
  assert.throws(() => new AnswerReader().read(chunked), /Content-Length/)
})

test('of a hundred latencies the 50th, the 99th and the last are told, in whatever order they came', () => {
  const latencies = new Latencies()
  for (let ms = 100; ms >= 1; ms--) latencies.add(ms)
  assert.deepEqual(latencies.summary(), { p50Ms: 50, p99Ms: 99, maxMs: 100 })
})

test('no latency is lost, however many there are', () => {
  const latencies = new Latencies()
  for (let ms = 0; ms < 200_000; ms++) latencies.add(ms)
  assert.equal(latencies.count, 200_000)
  assert.equal(latencies.summary().maxMs, 199_999)
})
