import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { openDeployment, type Deployment, type Member } from '../http/deployment.ts'
import { commandFile } from './command.ts'

describe('on a terminal', { skip: scriptMissing() }, () => {
  let deployment: Deployment
  let ada: Member

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    for (const label of ['one', 'two']) await deployment.ask('createToken', { as: ada.token, body: { label } })
  })
  after(() => deployment.close())

  /** Runs a command on a terminal of its own, and gives what would be seen on it. */
  async function seen(args: string, { environment = {}, typed = '' } = {}): Promise<string> {
    // Without a window it would have no width.
    const command = `stty cols 100 rows 24; '${process.execPath}' '${commandFile}' ${args}`
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: {
        PATH: process.env.PATH,
        TERM: 'xterm',
        CHATELAINE_URL: deployment.origin,
        CHATELAINE_TOKEN: ada.token,
        ...environment,
      },
    })
    const pieces: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => {
      pieces.push(piece)
      // Typed once there is a question, as a person would.
      if (typed !== '' && piece.includes('?')) child.stdin.write(typed)
    })
    await once(child, 'close')
    return Buffer.concat(pieces).toString().replaceAll('\r\n', '\n')
  }

  test('a list is a table with relative times, and NO_COLOR takes the colours away', async () => {
    const plain = await seen('token list', { environment: { NO_COLOR: '1' } })
    assert.match(plain, /^ID +LABEL +KIND +STATUS +SCOPES +EXPIRES +LAST USED\n/)
    assert.match(plain, /^tok_\w+ {2}two {4}account {2}active {2}\* {7}in (?:1 day|23 hours) +never$/m)
    assert.ok(!plain.includes('\u001b'))
    assert.ok((await seen('token list')).startsWith('\u001b[1mID '))
  })

  test('what cannot be undone is asked first, and no leaves everything as it was', async () => {
    const count = deployment.changeCount()
    const refused = await seen('token revoke --all --temporary', { typed: 'n' })
    assert.match(refused, /Revoke 2 tokens, for good\?/)
    assert.match(refused, /nothing was done/)
    assert.equal(deployment.changeCount(), count)
    const agreed = await seen('token revoke --all --temporary', { typed: 'y' })
    assert.match(agreed, /2 tokens revoked/)
  })
})

function scriptMissing(): string | false {
  return process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
    ? false
    : 'there is no script of util-linux on this machine, which makes a terminal'
}
