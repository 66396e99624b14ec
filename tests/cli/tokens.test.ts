import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { openDeployment, type Deployment, type Member } from '../http/deployment.ts'
import { CommandLine, commandFile } from './command.ts'

describe('tokens from a terminal', () => {
  let deployment: Deployment
  let ada: Member
  const line = new CommandLine({ after })

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    line.environment = { CHATELAINE_URL: deployment.origin, CHATELAINE_TOKEN: ada.token }
  })
  after(() => deployment.close())

  const codeOf = async (token: string) => {
    return (await deployment.ask('verifyToken', { as: deployment.root, body: { token } })).body.code
  }

  test('a new token goes to standard output alone, and the advice to standard error', async () => {
    const made = await line.run(['token', 'create', '--label', 'ci', '--scope', 'data:read', '--expires', '30d'])
    assert.equal(made.code, 0, made.told)
    assert.match(made.out, /^chl_acc_[0-9A-Za-z]{54}\n$/)
    assert.match(made.told, /^chatelaine: this is the only time that tok_\w+ is shown/)
    assert.ok(!made.told.includes(made.out.trim()))
    const own = await deployment.ask('getOwnToken', { as: made.out.trim() })
    const { label, scopes, expires_at, created_at, origin } = own.body
    assert.deepEqual([label, scopes, origin], ['ci', ['data:read'], 'api'])
    assert.equal(Date.parse(expires_at!) - Date.parse(created_at), 30 * 86_400_000)
  })

  test('whoever redirects it into a file that others can read is told so', async () => {
    const redirect = async (umask: string) => {
      const script = `umask ${umask}; "$@" > redirected.${umask}`
      const { stderr } = await promisify(execFile)(
        'sh',
        ['-euc', script, 'sh', process.execPath, commandFile, 'token', 'create'],
        { cwd: line.directory, env: { PATH: process.env.PATH, HOME: line.directory, ...line.environment } },
      )
      return stderr
    }
    assert.match(await redirect('022'), /hint: others can read the file that it went to: run chmod 600/)
    assert.match(await redirect('077'), /hint: keep it in a file that only you read/)
  })

  test('--write makes a file of mode 0600 that git ignores, and refuses one that is there', async () => {
    execFileSync('git', ['init', '-q'], { cwd: line.directory })
    const made = await line.run(['token', 'create', '--write', 'ci.token', '--gitignore'])
    assert.deepEqual([made.code, made.out], [0, ''], made.told)
    const file = join(line.directory, 'ci.token')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(readFileSync(join(line.directory, '.gitignore'), 'utf8'), '*.token\n')
    assert.equal(await codeOf(readFileSync(file, 'utf8').trim()), 'valid')
    const count = deployment.changeCount()
    const again = await line.run(['token', 'create', '--write', 'ci.token'])
    assert.deepEqual([again.code, again.out], [1, ''])
    assert.match(again.told, /^chatelaine: error: ci\.token exists already\nchatelaine: hint: /)
    assert.equal(deployment.changeCount(), count)
  })

  test('a list in a pipe is tab-separated with exact times, and with --json an array', async () => {
    const plain = await line.run(['token', 'list', '--permanent'])
    assert.equal(plain.code, 0, plain.told)
    assert.match(plain.out, new RegExp(`^${ada.tokenId}\\t\\taccount\\tactive\\t\\*\\t\\t(?:\\d{4}-[^\\t]+Z)?\\n$`))
    const json = await line.run(['token', 'list', '--permanent', '--json'])
    assert.deepEqual(
      (JSON.parse(json.out) as { id: string }[]).map(({ id }) => id),
      [ada.tokenId],
    )
    const cut = await line.run(['token', 'list', '--limit', '1'])
    assert.equal(cut.out.split('\n').length, 2)
    assert.match(cut.told, /there are more than 1; --limit/)
  })

  test('a label cannot move the cursor of whoever lists it', async () => {
    const { id } = await deployment.member('eve', { label: 'a\u202eb', permanent: true })
    const { out } = await line.run(['token', 'list', '--account', id], {
      environment: { CHATELAINE_TOKEN: deployment.root },
    })
    assert.match(out, /\ta\ufffdb\t/)
  })

  test('a token is narrowed, suspended, resumed, shown, and given a new secret', async () => {
    const { out } = await line.run(['token', 'create', '--label', 'x', '--json'])
    const { id, token } = JSON.parse(out) as { id: string; token: string }
    const changed = await line.run(['token', 'update', id, '--scope', 'data:read', '--label', 'y', '--suspend'])
    assert.equal(changed.code, 0, changed.told)
    assert.equal(await codeOf(token), 'suspended')
    assert.equal((await line.run(['token', 'update', id, '--resume'])).code, 0)
    const shown = await line.run(['token', 'show', id])
    assert.match(shown.out, /^label\ty$/m)
    assert.match(shown.out, /^scopes\tdata:read$/m)
    const rotated = await line.run(['token', 'rotate', id, '--grace', '0'])
    assert.equal(rotated.code, 0, rotated.told)
    assert.equal(await codeOf(rotated.out.trim()), 'valid')
    assert.equal(await codeOf(token), 'revoked')
  })

  test('from where a token is used is a list, and what revoking it would break a sentence', async () => {
    const { out } = await line.run(['token', 'create', '--json'])
    const { id, token } = JSON.parse(out) as { id: string; token: string }
    const wouldBreak = async () => (await line.run(['token', 'revoke', id, '--dry-run'])).out
    assert.equal(await wouldBreak(), `${id} was not accepted within the last 24 hours\n`)
    const verify = (more: object) => deployment.ask('verifyToken', { as: deployment.root, body: { token, ...more } })
    await verify({ client_ip: '203.0.113.7', user_agent: 'python-requests/2' })
    const seen = async (addressCount: number) => {
      while (
        (await deployment.ask('getTokenUsage', { as: ada.token, params: { id } })).body.addresses.length < addressCount
      );
    }
    await seen(1)
    assert.equal(await wouldBreak(), `${id} was accepted 1 time within the last 24 hours, from 1 address\n`)
    for (const ip of ['203.0.113.7', '203.0.113.8']) await verify({ client_ip: ip })
    await verify({})
    await seen(3)
    const used = await line.run(['token', 'usage', id])
    assert.equal(used.code, 0, used.told)
    assert.match(used.told, /was accepted 4 times since 20[^,]+Z, from 2 addresses\n/)
    const rows = used.out
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t'))
    assert.deepEqual(
      rows.map(([address, client, accepted]) => [address, client, accepted]),
      [
        ['203.0.113.7', '', '2'],
        ['not known', '', '1'],
        ['203.0.113.8', '', '1'],
      ],
    )
    const whole = await line.run(['token', 'usage', id, '--since', '30d', '--json'])
    assert.deepEqual((JSON.parse(whole.out) as { by: string }).by, 'day')
    assert.equal(await codeOf(token), 'valid')
  })

  test('what renews itself goes back into the file that it came from', async () => {
    const renewable = ['token', 'create', '--expires', '1h', '--renewable', '30d', '--write', 'own.token']
    assert.equal((await line.run(renewable)).code, 0)
    const file = join(line.directory, 'own.token')
    const old = readFileSync(file, 'utf8')
    const renewed = await line.run(['token', 'rotate', '--token-file', 'own.token'])
    assert.deepEqual([renewed.code, renewed.out], [0, ''], renewed.told)
    const fresh = readFileSync(file, 'utf8')
    assert.notEqual(fresh, old)
    assert.equal(await codeOf(fresh.trim()), 'valid')
  })

  test('revoking all temporary tokens counts first, asks, and leaves permanent ones and the one in use', async () => {
    const [kept, dropped] = [
      await line.run(['token', 'create', '--permanent']),
      await line.run(['token', 'create', '--label', 'short']),
    ]
    const counted = await line.run(['token', 'revoke', '--all', '--temporary', '--dry-run'])
    const [count = ''] = /^\d+/.exec(counted.out) ?? []
    assert.ok(Number(count) > 0, counted.told)
    const unasked = await line.run(['token', 'revoke', '--all', '--temporary'])
    assert.equal(unasked.code, 2)
    assert.match(unasked.told, /nobody is here to ask.*\n.*--yes/)
    assert.equal(await codeOf(dropped.out.trim()), 'valid')
    const done = await line.run(['token', 'revoke', '--all', '--temporary', '--yes'])
    assert.equal(done.out, `${count} tokens revoked\n`)
    assert.equal(await codeOf(dropped.out.trim()), 'revoked')
    assert.equal(await codeOf(kept.out.trim()), 'valid')
    assert.equal((await line.run(['token', 'revoke', '--all', '--yes'])).code, 0)
    assert.equal(await codeOf(kept.out.trim()), 'revoked')
    assert.equal(await codeOf(ada.token), 'valid')
  })

  test('verify answers by its exit code, and takes no token from the command line', async () => {
    const manager = { CHATELAINE_TOKEN: deployment.root }
    const good = await line.run(['verify'], { environment: manager, input: `${ada.token}\n` })
    assert.equal(good.code, 0, good.told)
    assert.match(good.out, /^code\tvalid$/m)
    writeFileSync(join(line.directory, 'asked'), `${ada.token}\n`)
    const lacking = await line.run(['verify', 'asked', '--project', 'prj_0123456789abcdef'], { environment: manager })
    assert.equal(lacking.code, 1)
    assert.match(lacking.out, /^code\twrong_project$/m)
    const shown = await line.run(['verify', ada.token], { environment: manager })
    assert.equal(shown.code, 2)
    assert.ok(!shown.told.includes(ada.token))
  })

  test('whoami says where the token was found, and for whom it speaks', async () => {
    const { out } = await line.run(['whoami'])
    assert.match(out, /^account\tada$/m)
    assert.match(out, /^found in\tenvironment CHATELAINE_TOKEN$/m)
  })

  test('what is asked wrongly ends with 2 and a hint, what fails with 1, and no secret is in either', async () => {
    const wrong: [string[], RegExp][] = [
      [['token', 'create', '--lable', 'x'], /unknown option '--lable'\nchatelaine: hint: Did you mean --label\?/],
      [['token', 'create', '--expires', 'soon'], /--expires soon is neither a duration nor an instant/],
      [['token', 'create', '--expires', '1d', '--permanent'], /exclude each other/],
      [['token', 'revoke'], /name the tokens to revoke/],
      [['whoami', '--url', 'ftp://x'], /ftp:\/\/x is no URL of a server/],
      [['tokens'], /unknown command 'tokens'\nchatelaine: hint: Did you mean token\?/],
    ]
    for (const [args, said] of wrong) {
      const { code, told, out } = await line.run(args)
      assert.deepEqual([code, out], [2, ''], told)
      assert.match(told, said)
      assert.match(told, /^chatelaine: error: .*\nchatelaine: hint: .*\n$/)
    }
    const failing: [string[], RegExp][] = [
      [['token', 'show', 'tok_0123456789abcdef'], /error: There is no/],
      [['token', 'list', '--url', 'http://127.0.0.1:9'], /cannot be reached.*\n.*hint: check the URL/],
      [['account', 'list'], /Only an administrator or a manager token/],
    ]
    for (const [args, said] of failing) {
      const { code, told } = await line.run(args)
      assert.equal(code, 1, told)
      assert.match(told, said)
      assert.ok(!told.includes(ada.token))
    }
  })

  test('the commands that token env prints set the variable, whatever the name of the file', async () => {
    const name = "it's a $(token).token"
    writeFileSync(join(line.directory, name), `${ada.token}\n`, { mode: 0o600 })
    const { out } = await line.run(['token', 'env', name, '--variable', 'MY_TOKEN', '--shell', 'bash'])
    const script = `${out}\n. ~/.profile\nprintf '%s' "$MY_TOKEN"`
    const read = execFileSync('sh', ['-euc', script], { env: { HOME: line.directory, PATH: process.env.PATH } })
    assert.equal(read.toString(), ada.token)
    assert.ok(!out.includes(ada.token))
    assert.match(
      (await line.run(['token', 'env', '--shell', 'powershell'])).out,
      /SetEnvironmentVariable\('CHATELAINE_TOKEN'/,
    )
  })
})
