import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openDeployment, type Deployment } from '../http/deployment.ts'

/** A program as somebody might write it who has nothing but the address of the server. */
const program = `
import createClient from 'openapi-fetch'
import type { paths } from './openapi.d.ts'

const [baseUrl = '', manager = ''] = process.argv.slice(2)
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${manager}\` } })

const account = await client.POST('/api/v1/accounts', { body: { username: 'ada' } })
if (account.error !== undefined) throw new Error(account.error.detail)

const created = await client.POST('/api/v1/tokens', {
  body: { account_id: account.data.id, label: 'laptop', scopes: ['data:read'] },
})
if (created.error !== undefined) throw new Error(created.error.detail)
if (!('token' in created.data)) throw new Error('the answer holds no secret')
const { id, token } = created.data

const verify = async (): Promise<string> => {
  const { data, error } = await client.POST('/api/v1/tokens/verify', { body: { token, scopes: ['data:read'] } })
  if (error !== undefined) throw new Error(error.detail)
  return data.valid ? \`\${data.code} for \${data.account_id}\` : data.code
}

const first = await verify()
await client.DELETE('/api/v1/tokens/{id}', { params: { path: { id }, query: { reason: 'tried out' } } })
process.stdout.write(JSON.stringify({ account: account.data.id, first, second: await verify() }))
`

const root = fileURLToPath(new URL('../../', import.meta.url))
const compiler = join(root, 'node_modules/typescript/bin/tsc')

describe('a client that an ordinary generator makes of /openapi.json', () => {
  let deployment: Deployment
  let directory: string

  before(async () => {
    deployment = await openDeployment()
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-client-'))
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
    writeFileSync(join(directory, 'package.json'), '{"type":"module"}')
    writeFileSync(join(directory, 'client.ts'), program)
  })
  after(async () => {
    await deployment.close()
    rmSync(directory, { recursive: true })
  })

  const run = (args: readonly string[]): Promise<{ code: number | null; output: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, args, { cwd: directory })
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, output }))
    })

  test('compiles under strict rules', async () => {
    const generator = fileURLToPath(new URL('../bin/cli.js', import.meta.resolve('openapi-typescript')))
    const generated = await run([generator, `${deployment.origin}/openapi.json`, '-o', 'openapi.d.ts'])
    assert.equal(generated.code, 0, generated.output)
    const rules = ['--strict', '--noEmit', '--allowImportingTsExtensions', '--erasableSyntaxOnly']
    const target = ['--target', 'es2024', '--module', 'nodenext', '--types', 'node']
    const compiled = await run([compiler, ...rules, ...target, 'client.ts'])
    assert.deepEqual(compiled, { code: 0, output: '' })
  })

  test('creates a token, verifies it, and finds it dead once it is revoked', async () => {
    const { code, output } = await run(['client.ts', deployment.origin, deployment.root])
    assert.equal(code, 0, output)
    const { account, first, second } = JSON.parse(output)
    assert.equal(first, `valid for ${account}`)
    assert.equal(second, 'revoked')
  })
})
