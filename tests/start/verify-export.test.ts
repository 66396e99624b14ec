import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { issue, revoke } from './api.ts'
import { makeDirectory, operate, runServer } from './processes.ts'

describe('an export that was made over HTTP, with a master key rotated and retired in between', () => {
  const directory = makeDirectory({ after })
  let lines: readonly string[]

  before(async () => {
    await within(directory, async (origin, manager) => {
      for (const username of ['ada', 'eve']) await issue(origin, manager, username)
    })
    const [first = ''] = (await operate(directory, ['keys', 'list'])).out.split(' ')
    assert.equal((await operate(directory, ['keys', 'rotate'])).code, 0)
    await within(directory, async (origin, manager) => {
      const { id } = await issue(origin, manager, 'bob')
      await revoke(origin, manager, id)
    })
    assert.equal((await operate(directory, ['keys', 'retire', first, '--yes'])).code, 0)
    await within(directory, async (origin, manager) => {
      await issue(origin, manager, 'cleo')
      const headers = { authorization: `Bearer ${manager}` }
      const keys = await fetch(`${origin}/.well-known/chatelaine-audit-key`)
      writeFileSync(join(directory, 'keys.json'), await keys.text())
      const exported = await fetch(`${origin}/api/v1/audit/export`, { headers })
      assert.equal(exported.status, 200)
      lines = (await exported.text()).trimEnd().split('\n')
    })
  })

  /** What the operator hears of these lines. */
  async function verify(changed: readonly string[], keys = 'keys.json') {
    writeFileSync(join(directory, 'export.jsonl'), `${changed.join('\n')}\n`)
    return operate(directory, ['verify-export', 'export.jsonl', '--keys', keys])
  }

  const placeOf = (seq: number): number => lines.findIndex((line) => line.includes(`.${seq}","subject"`))

  test('verifies offline, with the public keys alone', async () => {
    const { code, out, told } = await verify(lines)
    assert.equal(code, 0, told)
    const rows = lines.filter((line) => line.includes('"entry"')).length
    assert.match(out, new RegExp(`Rows 1 to ${rows}: ${rows} shown, 0 as bare hashes. Asked for: everything.`))
    const signers = new Set(lines.flatMap((line) => JSON.parse(line).head?.key_id ?? []))
    assert.equal(signers.size, 2)
  })

  test('is refused by name of the row that was altered, dropped or swapped, or from which on it was cut', async () => {
    const [place, next] = [placeOf(5), placeOf(6)]
    assert.ok(place > 0 && next > place)
    const headAt = lines.findIndex((line, index) => index > next && line.includes('"head"'))
    const kept = lines.slice(0, headAt + 1).filter((line) => line.includes('"entry"')).length
    const cases: [readonly string[], RegExp][] = [
      [lines.with(place, lines[place]!.replace('"effect":"', '"effect":"x')), /row 5 was altered$/m],
      [lines.toSpliced(place, 1), /(row 5 is gone|behind row 5 does not fit)/],
      [lines.with(place, lines[next]!).with(next, lines[place]!), /row 5 is gone, or was moved$/m],
      [lines.slice(0, headAt + 1), new RegExp(`row ${kept + 1} is gone`)],
      [[...lines.slice(0, -1), lines.at(-1)!.slice(0, 40)], /where row \d+ belongs stands something else$/m],
      [lines.slice(1), /its first line is no beginning/],
    ]
    for (const [changed, expected] of cases) {
      const { code, told } = await verify(changed)
      assert.equal(code, 1)
      assert.match(told, /^chatelaine: error: export\.jsonl is not what was exported: /)
      assert.match(told, expected)
    }
  })

  test('is refused with the keys of others, and with what holds none', async () => {
    const { keys } = JSON.parse(readFileSync(join(directory, 'keys.json'), 'utf8'))
    const other = Buffer.alloc(32, 9).toString('base64')
    const forged = { keys: keys.map((key: object) => ({ ...key, public_key: other })) }
    writeFileSync(join(directory, 'others.json'), JSON.stringify(forged))
    assert.match(
      (await verify(lines, 'others.json')).told,
      /its first line is no beginning that one of these keys signed/,
    )
    writeFileSync(join(directory, 'none.json'), '{}')
    assert.match(
      (await verify(lines, 'none.json')).told,
      /none\.json holds no audit keys\n.*hint: save what the server/,
    )
  })

  test('is asked for with both files', async () => {
    const lacking = await operate(directory, ['verify-export', 'export.jsonl'])
    assert.match(lacking.told, /verify-export needs --keys FILE/)
    const needless = await operate(directory, ['keys', 'list', '--keys', 'keys.json'])
    assert.match(needless.told, /keys list does not take --keys/)
    const absent = await operate(directory, ['verify-export', 'nothing.jsonl', '--keys', 'keys.json'])
    assert.match(absent.told, /no such file or directory, open 'nothing\.jsonl'/)
    for (const { code } of [lacking, needless, absent]) assert.equal(code, 1)
  })
})

/** Runs a server for as long as the work takes. */
async function within(directory: string, work: (origin: string, manager: string) => Promise<void>): Promise<void> {
  const managerFile = join(directory, 'manager.token')
  const server = runServer(directory, { CHATELAINE_BOOTSTRAP_TOKEN_FILE: managerFile })
  const origin = await server.ready()
  await work(origin, readFileSync(managerFile, 'utf8'))
  server.signal('SIGTERM')
  assert.equal((await server.ended).code, 0)
}
