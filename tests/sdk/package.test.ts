import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { inRoot } from '../../tools/root.ts'
import { openDeployment, type Deployment } from '../http/deployment.ts'

const bun = inRoot(`node_modules/@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : 'x64'}/bin/bun`)

describe('the SDK as a package', () => {
  let deployment: Deployment
  let directory: string
  let tarball: string
  let user: string

  before(async () => {
    deployment = await openDeployment()
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-package-'))
    const built = join(directory, 'built')
    await run(process.execPath, [inRoot('packages/sdk/build/main.ts'), built])
    await run('npm', ['pack', built, '--pack-destination', directory], directory)
    tarball = join(
      directory,
      readdirSync(directory).find((name) => name.endsWith('.tgz'))!,
    )
    user = join(directory, 'user')
    mkdirSync(user)
    writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }')
    // It needs nothing else, so that no registry is asked.
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], user)
    copyFileSync(inRoot('tests/sdk/package-user.ts'), join(user, 'user.ts'))
  })
  after(async () => {
    await deployment.close()
    rmSync(directory, { recursive: true })
  })

  test('brings no other package along', () => {
    assert.deepEqual(
      readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.')),
      ['@chatelaine'],
    )
    assert.deepEqual(readdirSync(join(user, 'node_modules/@chatelaine')), ['sdk'])
  })

  for (const [runtime, program] of [
    ['Node', process.execPath],
    ['Bun', bun],
  ] as const) {
    test(`works in ${runtime}`, existsSync(program) ? {} : { skip: `there is no ${program}` }, async () => {
      const kept = mkdtempSync(join(directory, 'kept-'))
      const said = await run(program, ['user.ts', deployment.origin, deployment.root, kept], user)
      assert.deepEqual(JSON.parse(said), [
        'created, printed as [redacted]',
        'refused: /scopes/0',
        'loaded from file',
        'verified from memory: true',
        'fetch handler: true',
        'node:http: 401 Bearer realm="chatelaine"',
        'renewed: true',
        'after its revocation: revoked',
        'in a test: valid',
      ])
    })
  }

  test('its types stand by themselves, in a browser too', async () => {
    const program = `
      import { createClient, createVerifier, isProblem, type Token, type Verification } from '@chatelaine/sdk'
      import { requireToken } from '@chatelaine/sdk/fetch'
      import { TestChatelaine } from '@chatelaine/sdk/testing'
      const client = createClient({ url: '' })
      const tokens: AsyncIterable<Token> = client.tokens.list({ status: 'active', permanent: true })
      for await (const { label } of tokens) console.log(label.length)
      const verification: Verification = await new TestChatelaine().verify('x')
      if (verification.valid) console.log(verification.account_id)
      else if (verification.code === 'unavailable') console.log(verification.retry_after_seconds.toFixed())
      const verifier = createVerifier({ url: 'https://example.org', token: 'x', leaseMs: 0 })
      export const handle = requireToken(verifier, { scopes: ['a:b'] }, (_, { scopes }) => new Response(scopes.join()))
      await client.tokens.get('x').catch((error: unknown) => {
        if (isProblem(error, 'not-found', 'unavailable')) console.log(error.retryAfterSeconds)
      })
      // @ts-expect-error -- a kind that there is not
      await client.tokens.create({ kind: 'nonsense' })
    `
    writeFileSync(join(user, 'program.ts'), program)
    const options = {
      strict: true,
      noEmit: true,
      target: 'es2024',
      module: 'nodenext',
      lib: ['es2024', 'dom', 'dom.iterable'],
      types: [],
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
    }
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['program.ts'] }))
    await run(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), '-p', '.'], user)
  })

  test('every example of the guides fits its types', async () => {
    // The frameworks that they name are those that the middleware is tested in.
    for (const name of ['@types', 'express', 'fastify', 'hono', 'koa']) {
      symlinkSync(inRoot(join('node_modules', name)), join(user, 'node_modules', name))
    }
    const files = ['packages/sdk/README.md', 'docs/guides/sdk.md', 'docs/guides/embed.md'].flatMap((guide) => {
      const examples = readFileSync(inRoot(guide), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)
      return Array.from(examples, ([, example], index) => {
        const file = `${guide.replaceAll(/\W/g, '-')}-${index}.ts`
        writeFileSync(join(user, file), example!)
        return file
      })
    })
    assert.ok(files.length > 5)
    const options = { strict: true, noEmit: true, target: 'es2024', module: 'nodenext', types: ['node'] }
    const compilerOptions = { ...options, skipLibCheck: true }
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    await run(process.execPath, [inRoot('node_modules/typescript/bin/tsc'), '-p', '.'], user)
  })

  test('publint and attw find nothing', async () => {
    const published = await run(inRoot('node_modules/.bin/publint'), ['--strict', tarball], directory)
    assert.match(published, /All good!/)
    await run(inRoot('node_modules/.bin/attw'), [tarball, '--profile', 'esm-only'], directory)
  })
})

/** What a program writes to its standard output. */
function run(program: string, given: readonly string[], directory = inRoot('.')): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, given, { cwd: directory }, (error, output, complaint) => {
      if (error === null) resolve(output)
      else reject(new Error(`${program} ${given[0]}: ${output}${complaint}`, { cause: error }))
    })
  })
}
