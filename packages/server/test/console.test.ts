import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { openConsole } from '../src/http/console.ts'

describe('the files of the console', () => {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-console-'))
  after(() => rmSync(directory, { recursive: true }))
  const built = { 'index.html': '<!doctype html>', 'assets/main-1.js': 'export {}', 'assets/main-1.css': 'a{}' }

  test('are said not to be built until they are', async () => {
    const answer = openConsole(directory)('/console/', undefined)!
    assert.equal(answer.status, 503)
    assert.match(await answer.text(), /npm start/)
  })

  test('are the same bytes to whoever understands gzip and to whoever does not', async () => {
    mkdirSync(join(directory, 'assets'))
    for (const [name, text] of Object.entries(built)) {
      writeFileSync(join(directory, name), text)
      writeFileSync(join(directory, `${name}.gz`), gzipSync(text))
    }
    const console = openConsole(directory)
    for (const [name, text] of Object.entries(built)) {
      const path = `/console/${name}`
      const plain = console(path, undefined)!
      assert.equal(plain.headers.get('content-encoding'), null)
      assert.equal(await plain.text(), text)
      const packed = console(path, 'br, gzip')!
      assert.equal(packed.headers.get('content-encoding'), 'gzip')
      assert.equal(packed.headers.get('content-type'), plain.headers.get('content-type'))
      assert.equal(gunzipSync(await packed.arrayBuffer()).toString(), text)
    }
  })

  test('are kept for ever by browsers, except the page that names them', () => {
    const console = openConsole(directory)
    assert.match(console('/console/assets/main-1.js', undefined)!.headers.get('cache-control')!, /immutable/)
    assert.equal(console('/console/tokens/tok_1', undefined)!.headers.get('cache-control'), 'no-cache')
  })

  test('have no page in the place of a missing file, and none of them is a packed one', () => {
    const console = openConsole(directory)
    assert.equal(console('/console/assets/main-0.js', undefined), undefined)
    assert.equal(console('/console/assets/main-1.js.gz', undefined), undefined)
  })
})
