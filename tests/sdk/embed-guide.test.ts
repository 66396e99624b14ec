import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { inRoot } from '../../tools/root.ts'
import { openDeployment, secretOf, type Deployment } from '../http/deployment.ts'

const guide = readFileSync(inRoot('docs/guides/embed.md'), 'utf8')
const program = /^```ts\n(.*?)^```$/ms.exec(guide)![1]!

describe('the backend of the guide to tokens in a platform’s own page, as it stands', () => {
  const directory = mkdtempSync(join(tmpdir(), 'chatelaine-embed-'))
  let deployment: Deployment
  let accountId: string
  let stop: () => Promise<unknown>
  let backend: string

  before(async () => {
    deployment = await openDeployment()
    const { ask, root } = deployment
    accountId = (await ask('createAccount', { as: root, body: { username: 'ada', external_id: 'user-7' } })).body.id
    const scopes = ['chatelaine.tokens:write']
    const token = secretOf(await ask('createToken', { as: root, body: { kind: 'manager', scopes, permanent: true } }))
    symlinkSync(inRoot('node_modules'), join(directory, 'node_modules'))
    writeFileSync(join(directory, 'package.json'), '{"type": "module"}')
    writeFileSync(join(directory, 'backend.ts'), program)
    const child = spawn(process.execPath, ['backend.ts'], {
      cwd: directory,
      env: { PORT: '0', CHATELAINE_URL: deployment.origin, CHATELAINE_TOKEN: token },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    stop = () => (child.kill(), ended)
    const told = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => ['null'])])
    const address = JSON.parse(String(told[0])) as { port: number } | null
    assert.ok(address !== null, 'it ended before it listened')
    backend = `http://127.0.0.1:${address.port}/settings/tokens/session`
  })

  after(async () => {
    await stop()
    await deployment.close()
    rmSync(directory, { recursive: true })
  })

  const asked = (headers: Record<string, string>) => fetch(backend, { method: 'POST', headers })

  test('gives whoever is signed in a session for their own account', async () => {
    const answer = await asked({ 'x-signed-in-as': 'user-7' })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const { session } = (await answer.json()) as { session: string }
    assert.equal((await deployment.ask('getOwnAccount', { as: session })).body.id, accountId)
  })

  test('gives nothing to whoever is not, or has no account', async () => {
    assert.equal((await asked({})).status, 401)
    assert.equal((await asked({ 'x-signed-in-as': 'user-8' })).status, 404)
  })
})
