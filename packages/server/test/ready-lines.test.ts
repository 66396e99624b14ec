import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readyLines } from '../src/ready-lines.ts'

test('the command that reads the first token is one that a shell understands, whatever its file is called', (context) => {
  const parent = mkdtempSync(join(tmpdir(), 'chatelaine-ready-'))
  context.after(() => rmSync(parent, { recursive: true }))
  const directory = join(parent, `it's "here" $HOME \\`)
  mkdirSync(directory)
  const file = join(directory, 'first token')
  writeFileSync(file, 'chl_mgr_token')
  const lines = readyLines({ origin: 'http://localhost', setUpCode: undefined, bootstrapTokenFile: file })
  const command = lines.split('\n').find((line) => line.includes('token=$('))!
  assert.equal(execFileSync('sh', ['-c', `${command}; printf %s "$token"`], { encoding: 'utf8' }), 'chl_mgr_token')
})
