import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { CommandLine } from './command.ts'

describe('looking for tokens', () => {
  let deployment: Deployment
  let ada: Member
  const line = new CommandLine({ after })
  const write = (file: string, content: string | Uint8Array) => writeFileSync(join(line.directory, file), content)
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org']
    return execFileSync('git', [...identity, ...args], { cwd: line.directory, stdio: 'pipe' }).toString()
  }

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    line.environment = { CHATELAINE_URL: deployment.origin }
  })
  beforeEach(() => {
    rmSync(line.directory, { recursive: true })
    mkdirSync(line.directory)
  })
  after(() => deployment.close())

  test('says which of them live, whose and since when, to whoever may know', async () => {
    write('a.txt', `one\ntwo ${ada.token}\n`)
    const environment = { CHATELAINE_TOKEN: deployment.root }
    const { code, out, told } = await line.run(['scan'], { environment })
    assert.equal(code, 1, told)
    const { created_at } = (await deployment.ask('getToken', { as: deployment.root, params: { id: ada.tokenId } })).body
    assert.equal(out, `a.txt:2\t${ada.token.slice(0, 16)}\t${ada.tokenId}\tactive\t${ada.id}\t${created_at}\n`)
    const strange = await line.run(['scan', 'a.txt'])
    assert.deepEqual([strange.code, strange.out], [1, `a.txt:2\t${ada.token.slice(0, 16)}\t${ada.tokenId}\t\t\t\n`])
    assert.match(strange.told, /no token to ask with/)
  })

  test('revokes what it found only after a question, and needs no token for that', async () => {
    const made = await deployment.ask('createToken', { as: ada.token, body: {} })
    const token = secretOf(made)
    write('leaked', token)
    const codeOf = async () => (await deployment.ask('verifyToken', { as: deployment.root, body: { token } })).body.code
    const unasked = await line.run(['scan', '--revoke'])
    assert.equal(unasked.code, 2)
    assert.equal(await codeOf(), 'valid')
    const { code, told } = await line.run(['scan', '--revoke', '--yes'])
    assert.equal(code, 1)
    assert.match(told, /whatever of them .* had issued is revoked/)
    assert.equal(await codeOf(), 'revoked')
  })

  test('reads standard input, and ends with 0 where there is nothing', async () => {
    const found = await line.run(['scan', '--offline', '-'], { input: `x\n\n${ada.token}` })
    assert.deepEqual([found.code, found.out.split('\t')[0]], [1, '-:3'])
    const nothing = await line.run(['scan', '--offline', '-'], { input: 'chl_acc_nothing\n' })
    assert.deepEqual([nothing.code, nothing.out], [0, ''])
  })

  test('finds what lies across the pieces in which a large file is read, once, and at its line', async () => {
    const piece = 1_048_576
    for (const before of [piece - 600, piece - 512, piece - 62, piece - 31, piece - 1, piece, 2 * piece - 70]) {
      write('large', `${'x y\n'.repeat(before / 4)}${' '.repeat(before % 4)}${ada.token}\n${'y'.repeat(piece)}`)
      const { out } = await line.run(['scan', '--offline', 'large'])
      assert.deepEqual(
        out
          .trim()
          .split('\n')
          .map((row) => row.split('\t')[0]),
        [`large:${Math.floor(before / 4) + 1}`],
        `behind ${before} bytes`,
      )
    }
  })

  test('passes over binaries unless asked, links, and what is excluded', async () => {
    write('program', Buffer.concat([Buffer.from([1, 2, 0, 0, 3]), Buffer.from(` ${ada.token} `)]))
    write('kept.txt', ada.token)
    symlinkSync('kept.txt', join(line.directory, 'link.txt'))
    const plain = await line.run(['scan', '--offline'])
    assert.deepEqual(plain.out.split('\t')[0], 'kept.txt:1')
    assert.match(plain.told, /1 token in 1 place; looked through: 1, passed over: 1 binary/)
    const all = await line.run(['scan', '--offline', '--binary', '--exclude', '*.txt'])
    assert.deepEqual(all.out.split('\t')[0], 'program:1')
    const others = await line.run(['scan', '--offline', '--prefix', 'other'])
    assert.deepEqual([others.code, others.out], [0, ''])
  })

  test('finds in the history what was deleted since, and names the commit', async () => {
    git('init', '-q')
    write('öld name.txt', `${ada.token}\n`)
    git('add', '.')
    git('commit', '-qm', 'one')
    const commit = git('log', '--format=%h').trim()
    git('rm', '-qr', '.')
    git('commit', '-qm', `two, with ${ada.token}`)
    assert.equal((await line.run(['scan', '--offline'])).code, 0)
    const { code, out } = await line.run(['scan', '--offline', '--history'])
    assert.equal(code, 1)
    assert.match(out, new RegExp(`^${commit}:öld name\\.txt:1\\t`, 'm'))
    assert.match(out, /^commit [0-9a-f]{12}:\d+\t/m)
  })

  test('the hook refuses a commit that holds a token, and lets others pass', async () => {
    git('init', '-q')
    assert.equal((await line.run(['scan', '--install-hook'])).code, 0)
    write('good.txt', 'nothing\n')
    git('add', '.')
    git('commit', '-qm', 'good')
    write('bad.txt', `token = ${ada.token}\n`)
    git('add', '.')
    assert.throws(
      () => git('commit', '-qm', 'bad'),
      (error: Error & { stderr: Buffer; stdout: Buffer }) => {
        const said = `${error.stdout.toString()}${error.stderr.toString()}`
        return said.includes('bad.txt:1') && !said.includes(ada.token)
      },
    )
    assert.equal(git('log', '--format=%s').trim(), 'good')
  })

  test('another hook is left alone', async () => {
    git('init', '-q')
    const hooks = join(line.directory, '.git', 'hooks')
    mkdirSync(hooks, { recursive: true })
    writeFileSync(join(hooks, 'pre-commit'), '#!/bin/sh\n')
    const { code, told } = await line.run(['scan', '--install-hook'])
    assert.equal(code, 1)
    assert.match(told, /another hook already.*\n.*add this line to it: .* scan --staged/)
  })

  test('SARIF names file, line and token, and not the secret', async () => {
    write('a b.txt', `x = "${ada.token}"`)
    const { out } = await line.run(['scan', '--offline', '--sarif'])
    const { version, runs } = JSON.parse(out)
    assert.equal(version, '2.1.0')
    const [{ locations, message, ruleId }] = runs[0].results
    assert.deepEqual(locations[0].physicalLocation, {
      artifactLocation: { uri: 'a%20b.txt' },
      region: { startLine: 1, startColumn: 6 },
    })
    assert.ok(message.text.includes(ada.tokenId))
    assert.equal(ruleId, runs[0].tool.driver.rules[0].id)
    assert.ok(!out.includes(ada.token))
  })

  test('the rules for other scanners find a token of the prefix', async () => {
    for (const scanner of ['gitleaks', 'trufflehog']) {
      const { out } = await line.run(['scan', '--rules', scanner])
      const [, pattern = ''] = /'(?:'')?(\\b.*\\b)'/.exec(out) ?? []
      assert.match(`a "${ada.token}" b`, new RegExp(pattern))
      assert.doesNotMatch(`a "${ada.token}x" b`, new RegExp(pattern))
      const own = await line.run(['scan', '--rules', scanner, '--prefix', 'mine'])
      assert.match(own.out, /mine_acc_/)
    }
    assert.equal((await line.run(['scan', '--rules', 'gitleaks', '--prefix', 'No'])).code, 2)
  })
})
