import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { commands } from '../../packages/cli/src/commands.ts'
import { CommandLine } from './command.ts'

describe('the command line', () => {
  const line = new CommandLine({ after })

  test('every command says what it takes, and what it says has no line over 120 characters', async () => {
    for (const path of Object.keys(commands)) {
      const { code, out, told } = await line.run([...path.split(' '), '--help'])
      assert.deepEqual([code, told], [0, ''], path)
      assert.match(out, new RegExp(`^Usage: chatelaine ${path} `))
      for (const row of out.split('\n')) assert.ok(row.length <= 120, row)
    }
  })

  test('without a word it shows all commands, and every one is there', async () => {
    const { code, out } = await line.run([])
    assert.equal(code, 0)
    for (const path of Object.keys(commands)) assert.match(out, new RegExp(`^  ${path.split(' ')[0]} `, 'm'))
  })

  test('its version is that of the package', async () => {
    const manifest = JSON.parse(readFileSync(new URL('../../packages/cli/package.json', import.meta.url), 'utf8'))
    assert.equal((await line.run(['--version'])).out, `${manifest.version}\n`)
  })

  test('bash completes commands and their options', async () => {
    const { out } = await line.run(['completion', 'bash'])
    const complete = (...words: string[]) => {
      const script = `${out}\nCOMP_WORDS=(chatelaine "$@")\nCOMP_CWORD=$#\n_chatelaine\necho "\${COMPREPLY[@]}"`
      return execFileSync('bash', ['-euc', script, 'bash', ...words])
        .toString()
        .trim()
    }
    assert.equal(complete('tok'), 'token')
    assert.equal(complete('token', 'ro'), 'rotate')
    assert.equal(complete('token', 'create', '--expi'), '--expires')
    assert.equal(complete('scan', '--hist'), '--history')
    assert.equal(complete('scan', 'x', '--hist'), '--history')
  })

  test('the scripts for zsh and fish name every command', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { out } = await line.run(['completion', shell])
      for (const path of Object.keys(commands)) assert.ok(out.includes(path.split(' ').at(-1)!), `${shell}: ${path}`)
    }
  })
})
