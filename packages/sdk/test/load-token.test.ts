import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { inspect } from 'node:util'
import { CredentialError, loadToken, readTokenFile, storedTokenFile, writeTokenFile } from '@chatelaine/sdk/node'
import { generateToken, Secret } from '@chatelaine/token'

const hasGit = spawnSync('git', ['--version']).status === 0
const needsRoot = process.getuid?.() === 0 ? {} : { skip: 'only root can give a repository to somebody else' }
const needsGit = hasGit ? {} : { skip: 'there is no git on this machine' }

describe('loading a token', () => {
  let directory: string
  let before: NodeJS.ProcessEnv

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'chatelaine-sdk-'))
    before = { ...process.env }
    process.env['XDG_CONFIG_HOME'] = join(directory, 'config')
    delete process.env['CHATELAINE_TOKEN']
  })
  afterEach(() => {
    process.env = before
    rmSync(directory, { recursive: true })
  })

  const inDirectory = (name: string) => join(directory, name)

  function write(name: string, text: string, mode = 0o600): string {
    const file = inDirectory(name)
    writeFileSync(file, text, { mode })
    chmodSync(file, mode)
    return file
  }

  function git(...command: string[]): void {
    execFileSync('git', command, { cwd: directory, stdio: 'ignore' })
  }

  const refusal =
    (key: string, hint: RegExp, message = /./) =>
    (error: unknown) => {
      assert.ok(error instanceof CredentialError)
      assert.equal(error.key, key)
      assert.match(error.hint, hint)
      assert.match(error.message, message)
      return true
    }

  test('what is given comes before the variable, the variable before a file, a file before the store', async () => {
    const [given, named, variable, file, stored] = Array.from({ length: 5 }, makeToken)
    const sought = { directory }
    await writeTokenFile(storedTokenFile(), new Secret(stored!))
    const fromStore = await loadToken(sought)
    assert.equal(fromStore.reveal(), stored)
    assert.deepEqual(fromStore.origin, { type: 'store', where: storedTokenFile(), file: storedTokenFile() })

    const where = write('my.token', file!)
    const fromFile = await loadToken(sought)
    assert.equal(fromFile.reveal(), file)
    assert.deepEqual(fromFile.origin, { type: 'file', where, file: where })

    process.env['CHATELAINE_TOKEN'] = variable!
    const fromVariable = await loadToken(sought)
    assert.equal(fromVariable.reveal(), variable)
    assert.deepEqual(fromVariable.origin, { type: 'environment', where: 'CHATELAINE_TOKEN' })

    const other = write('token.txt', named!)
    assert.equal((await loadToken({ ...sought, file: other })).reveal(), named)
    assert.equal((await loadToken({ ...sought, file: other, token: given! })).reveal(), given)
  })

  test('the platform’s own variable is read in place of ours, and an empty one is not set', async () => {
    const token = makeToken()
    process.env['COSCINE_API_TOKEN'] = `${token}\n`
    assert.equal((await loadToken({ env: 'COSCINE_API_TOKEN', directory })).reveal(), token)
    process.env['COSCINE_API_TOKEN'] = ''
    await assert.rejects(loadToken({ env: 'COSCINE_API_TOKEN', directory }), refusal('none-found', /COSCINE_API_TOKEN/))
  })

  test('one newline at the end of a file is stripped, in the spelling of any system; more is refused', async () => {
    const token = makeToken()
    for (const end of ['', '\n', '\r\n']) {
      assert.equal((await loadToken({ file: write('token.txt', token + end) })).reveal(), token)
    }
    for (const text of [`${token}\n\n`, ` ${token}`, `"${token}"`, token.slice(0, -1), '']) {
      const refused = loadToken({ file: write('token.txt', text) })
      await assert.rejects(refused, refusal('not-a-token', /whole and alone/))
    }
  })

  test('the name says which of several files is meant; without it several are an error that lists them', async () => {
    const [work, play] = [makeToken(), makeToken()]
    write('work.token', work)
    write('play.token', play)
    assert.equal((await loadToken({ name: 'work', directory })).reveal(), work)
    assert.equal((await loadToken({ name: 'play', directory })).reveal(), play)
    await assert.rejects(loadToken({ directory }), refusal('several-found', /play/, /play\.token, work\.token/))
  })

  test('a name cannot lead out of the directory', async () => {
    await assert.rejects(loadToken({ name: '../x', directory }), RangeError)
  })

  test('a file that others can read is refused, with the command that mends it', async () => {
    for (const mode of [0o640, 0o604, 0o620]) {
      const file = write('a.token', makeToken(), mode)
      await assert.rejects(loadToken({ directory }), refusal('readable-by-others', new RegExp(`chmod 600 '${file}'`)))
    }
    chmodSync(inDirectory('a.token'), 0o400)
    await loadToken({ directory })
  })

  test('what a link leads to is what counts', async () => {
    symlinkSync(write('elsewhere', makeToken(), 0o644), inDirectory('a.token'))
    await assert.rejects(loadToken({ directory }), refusal('readable-by-others', /chmod/))
  })

  test('a file that is missing, no file, or too long is refused without waiting for it', async () => {
    await assert.rejects(loadToken({ file: inDirectory('none.token') }), refusal('none-found', /chmod 600/))
    mkdirSync(inDirectory('directory.token'))
    await assert.rejects(loadToken({ file: inDirectory('directory.token') }), refusal('unreadable', /another/))
    await assert.rejects(loadToken({ file: write('long', 'x'.repeat(2_000)) }), refusal('unreadable', /another/))
    execFileSync('mkfifo', ['-m', '600', inDirectory('pipe.token')])
    await assert.rejects(loadToken({ file: inDirectory('pipe.token') }), refusal('unreadable', /another/))
  })

  test('when nothing is found, the error says where was looked and what to do', async () => {
    await assert.rejects(
      loadToken({ directory }),
      refusal('none-found', /chatelaine login/, /CHATELAINE_TOKEN is not set/),
    )
  })

  test('neither the token nor what was refused in its place is ever printed', async () => {
    const token = makeToken()
    const loaded = await loadToken({ file: write('a.token', token) })
    assert.ok(!inspect(loaded, { depth: 9 }).includes(token))
    assert.ok(!JSON.stringify({ loaded }).includes(token))
    const refused = await loadToken({ file: write('a.token', `${token}x`) }).catch((error: unknown) => error)
    assert.ok(!inspect(refused, { depth: 9 }).includes(token))
  })

  describe('in a git repository', needsGit, () => {
    const warnings: string[] = []
    const warn = (message: string) => void warnings.push(message)
    beforeEach(() => {
      warnings.length = 0
      git('init', '--quiet')
    })

    test('a file that git tracks is refused, with the command that mends it', async () => {
      const file = write('a.token', makeToken())
      git('add', '--force', 'a.token')
      const mended = new RegExp(`git rm --cached '${file}'.*[*][.]token.*[.]gitignore.*revoke`)
      await assert.rejects(loadToken({ directory, warn }), refusal('tracked-by-git', mended))
    })

    test('neither a link to it nor the repository of a hook that runs hides that git tracks a file', async () => {
      const file = write('a.token', makeToken())
      git('add', '--force', 'a.token')
      mkdirSync(inDirectory('elsewhere'))
      symlinkSync(file, inDirectory('elsewhere/a.token'))
      const tracked = refusal('tracked-by-git', /git rm --cached/)
      await assert.rejects(loadToken({ directory: inDirectory('elsewhere'), warn }), tracked)
      process.env['GIT_DIR'] = inDirectory('elsewhere')
      await assert.rejects(loadToken({ directory, warn }), tracked)
    })

    test('where git does not say, since the repository is somebody else’s, there is a warning', needsRoot, async () => {
      write('a.token', makeToken())
      git('add', '--force', 'a.token')
      chownSync(directory, 65_534, 65_534)
      chownSync(inDirectory('.git'), 65_534, 65_534)
      await loadToken({ directory, warn })
      assert.equal(warnings.length, 1)
      assert.match(warnings[0]!, /not known.*run: git config --global --add safe\.directory/)
    })

    test('of a file that git neither tracks nor ignores there is a warning with the line to add', async () => {
      write('a.token', makeToken())
      await loadToken({ directory, warn })
      await loadToken({ file: write('token.txt', makeToken()), warn })
      assert.equal(warnings.length, 2)
      assert.match(warnings[0]!, /the line \*\.token to \.gitignore/)
      assert.match(warnings[1]!, /the line token\.txt to \.gitignore/)
    })

    test('of a file that git ignores nothing is said, nor of one outside of every repository', async () => {
      write('.gitignore', '*.token\n', 0o644)
      write('a.token', makeToken())
      await loadToken({ directory, warn })
      rmSync(inDirectory('.git'), { recursive: true })
      await loadToken({ directory, warn })
      assert.deepEqual(warnings, [])
    })
  })

  describe('writing a token file', () => {
    test('makes it for its owner alone, and its directory too', async () => {
      const token = makeToken()
      const file = storedTokenFile()
      await writeTokenFile(file, new Secret(token))
      assert.equal(statSync(file).mode & 0o777, 0o600)
      assert.equal(statSync(join(file, '..')).mode & 0o777, 0o700)
      assert.equal((await readTokenFile(file))?.reveal(), token)
    })

    test('replaces what was there, whole, also behind a link, and leaves nothing beside it', async () => {
      const token = makeToken()
      write('real.token', makeToken())
      symlinkSync('real.token', inDirectory('link.token'))
      await writeTokenFile(inDirectory('link.token'), new Secret(token))
      assert.equal((await readTokenFile(inDirectory('real.token')))?.reveal(), token)
      assert.deepEqual(readdirSync(directory).toSorted(), ['link.token', 'real.token'])
    })
  })
})

function makeToken(): string {
  const random = (count: number) => crypto.getRandomValues(new Uint8Array(count))
  return generateToken({ prefix: 'chl', kind: 'account' }, random).token.reveal()
}
