import assert from 'node:assert/strict'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openDeployment, type Deployment, type Member } from '../http/deployment.ts'
import { commandFile } from './command.ts'

const guide = readFileSync(new URL('../../docs/guides/using-a-token.md', import.meta.url), 'utf8')
const snippets = [...guide.matchAll(/^```(sh|python)\n(.*?)^```$/gms)].map(([, language, text]) => ({
  language: language as 'sh' | 'python',
  text: text!,
}))

/** What a snippet comes to, by what it begins with; those that are not here print nothing. */
const outcomes: readonly [RegExp, (ada: Member) => RegExp][] = [
  [/^echo '\*\.token'/, () => /^my\.token\n$/],
  [/\/api\/v1\/tokens\/self/, (ada) => new RegExp(`^\\{"id":"${ada.tokenId}"`)],
  [/print\(len\(token\)\)/, (ada) => new RegExp(`^${ada.token.length}\n$`)],
  [/^chatelaine token list/, (ada) => new RegExp(`^${ada.tokenId}\\t|\\n${ada.tokenId}\\t`)],
]

describe('the guide to using a token', { skip: pythonMissing() }, () => {
  let deployment: Deployment
  let ada: Member
  const home = mkdtempSync(join(tmpdir(), 'chatelaine-guide-'))
  after(() => rmSync(home, { recursive: true, force: true }))

  before(async () => {
    deployment = await openDeployment()
    ada = await deployment.member('ada')
    execFileSync('git', ['init', '-q'], { cwd: home })
    symlinkSync(commandFile, join(home, 'chatelaine'))
  })
  after(() => deployment.close())

  assert.equal(snippets.length, 9)
  for (const [index, { language, text }] of snippets.entries()) {
    test(`snippet ${index + 1} does what it says: ${text.split('\n')[0]}`, async () => {
      const program = language === 'sh' ? 'sh' : 'python3'
      // Where the guide leaves an id out, people put their own.
      const own = text.replaceAll('tok_…', ada.tokenId)
      const { stdout, stderr, code } = await run(program, language === 'sh' ? ['-euc', own] : ['-c', own], {
        cwd: home,
        // Pasted, and ended by Enter.
        input: `${ada.token}\n`,
        env: {
          PATH: `${home}:${process.env.PATH}`,
          HOME: home,
          CHATELAINE_URL: deployment.origin,
          CHATELAINE_TOKEN: ada.token,
        },
      })
      assert.equal(code, 0, stderr)
      const expected = outcomes.find(([pattern]) => pattern.test(text))?.[1](ada) ?? /^$/
      assert.match(stdout, expected)
      assert.ok(!stdout.includes(ada.token) && !stderr.includes(ada.token), 'the token is shown')
    })
  }

  test('what the guide has written ends in a newline, is private, and is read at the next login', () => {
    assert.equal(readFileSync(join(home, 'my.token'), 'utf8'), `${ada.token}\n`)
    const script = '. ~/.profile; printf %s "$CHATELAINE_TOKEN"; stat -c %a my.token ~/.tokens/my.token >&2'
    const { stdout, stderr } = spawnSync('sh', ['-euc', script], {
      cwd: home,
      env: { HOME: home, PATH: process.env.PATH },
    })
    assert.equal(stdout.toString(), ada.token)
    assert.equal(stderr.toString(), '600\n600\n')
  })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(
  program: string,
  args: readonly string[],
  { input, ...options }: { cwd: string; input: string; env: NodeJS.ProcessEnv },
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr })
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

function pythonMissing(): string | false {
  return spawnSync('python3', ['--version']).status === 0 ? false : 'there is no python3 on this machine'
}
