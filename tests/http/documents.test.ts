import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { documentPaths } from '../../packages/server/src/http/documents.ts'
import { openDeployment, type Deployment } from './deployment.ts'

describe('the documents that the server shows', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  test('each has a page, and each link on it to another page leads there', async () => {
    const linked = new Set(['/docs/index', '/docs/errors'])
    for (const path of linked) {
      const { status, body, headers } = await deployment.send('GET', path)
      assert.equal(status, 200, path)
      if (!headers.get('content-type')?.startsWith('text/html')) continue
      for (const [, href] of String(body).matchAll(/href="(\/[^"#]*)/g)) linked.add(href!)
    }
    for (const path of documentPaths().values())
      assert.ok(linked.has(path), `no page links to ${path}: name it in docs/README.md`)
  })

  test('a heading can be linked to, and a table and an example are drawn as such', async () => {
    const { body } = await deployment.send('GET', '/docs/reference/audit-export')
    const html = String(body)
    assert.ok(html.includes('<h2 id="checking-an-export">Checking an export</h2>'))
    assert.match(html, /<title>The audit export<\/title>/)
    assert.match(html, /<th><code>format<\/code><\/th>/)
    assert.match(html, /<pre tabindex="0"><code class="language-json">\{\n {2}&quot;export&quot;/)
  })

  test('a document that is not there is not looked for elsewhere', async () => {
    for (const path of ['/docs/errors/none', '/docs/reference/%2e%2e%2f%2e%2e%2fREADME', '/docs/README.md', '/docs/']) {
      assert.equal((await deployment.send('GET', path)).problem, 'route-not-found', path)
    }
  })
})
