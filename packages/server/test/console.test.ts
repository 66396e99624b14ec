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
  const built = {
    'index.html': '<!doctype html><title>{platform}</title>',
    'embed.js': 'import "./assets/main-1.js"',
    'assets/main-1.js': 'export {}',
    'assets/main-1.css': 'a{}',
  }
  const asked = (headers: Record<string, string> = {}) => new Headers(headers)

  test('are said not to be built until they are', async () => {
    const answer = openConsole('Ada & Co', directory)('/console/', asked())!
    assert.equal(answer.status, 503)
    assert.match(await answer.text(), /npm start/)
  })

  test('name the platform, and are the same bytes to whoever understands gzip and to whoever does not', async () => {
    mkdirSync(join(directory, 'assets'))
    for (const [name, text] of Object.entries(built)) {
      writeFileSync(join(directory, name), text)
      writeFileSync(join(directory, `${name}.gz`), gzipSync(text))
    }
    const console = openConsole('Ada & Co', directory)
    for (const [name, text] of Object.entries(built)) {
      const path = `/console/${name}`
      const sent = text.replace('{platform}', 'Ada &amp; Co')
      const plain = console(path, asked())!
      assert.equal(plain.headers.get('content-encoding'), null)
      assert.equal(await plain.text(), sent)
      const packed = console(path, asked({ 'accept-encoding': 'br, gzip' }))!
      assert.equal(packed.headers.get('content-encoding'), 'gzip')
      assert.equal(packed.headers.get('content-type'), plain.headers.get('content-type'))
      assert.equal(gunzipSync(await packed.arrayBuffer()).toString(), sent)
    }
  })

  test('are kept for ever by browsers, except those that name the others', () => {
    const console = openConsole('Ada & Co', directory)
    assert.match(console('/console/assets/main-1.js', asked())!.headers.get('cache-control')!, /immutable/)
    assert.equal(console('/console/tokens/tok_1', asked())!.headers.get('cache-control'), 'no-cache')
    assert.equal(console('/console/embed.js', asked())!.headers.get('cache-control'), 'no-cache')
  })

  test('are not sent again to whoever has them', async () => {
    const console = openConsole('Ada & Co', directory)
    for (const path of ['/console/', '/console/embed.js']) {
      const etag = console(path, asked())!.headers.get('etag')!
      const again = console(path, asked({ 'if-none-match': `"other", ${etag}` }))!
      assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', etag])
      assert.equal(console(path, asked({ 'if-none-match': '"other"' }))!.status, 200)
    }
  })

  test('may be loaded by pages of every origin where they are the element, and the page by none', () => {
    const console = openConsole('Ada & Co', directory)
    const whoMay = (path: string) => {
      const { headers } = console(path, asked())!
      return [headers.get('access-control-allow-origin'), headers.get('cross-origin-resource-policy')]
    }
    assert.deepEqual(whoMay('/console/embed.js'), ['*', 'cross-origin'])
    assert.deepEqual(whoMay('/console/assets/main-1.js'), ['*', 'cross-origin'])
    assert.deepEqual(whoMay('/console/'), [null, null])
  })

  test('have no page in the place of a missing file, and none of them is a packed one', () => {
    const console = openConsole('Ada & Co', directory)
    assert.equal(console('/console/assets/main-0.js', asked()), undefined)
    assert.equal(console('/console/assets/main-1.js.gz', asked()), undefined)
  })
})
