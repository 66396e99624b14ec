import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { relative } from 'node:path'
import { test } from 'node:test'
import { CommandLine } from './command.ts'
import { plant, writings } from './planted.ts'

/** `npm run test:scan` asks for a hundred thousand files. */
const fileCount = Number(process.argv[2] ?? 3_000)
const tokenCount = Math.min(1_000, Math.floor(fileCount / 20))

test(`of ${tokenCount} tokens in ${fileCount} files, written in ${Object.keys(writings).length} ways, all are found, none is invented, and none is shown`, async (context) => {
  const line = new CommandLine(context)
  const planted = plant(line.directory, fileCount, tokenCount, (count) => randomBytes(count))
  const startedAt = performance.now()
  const { code, out, told } = await line.run(['scan', '--offline', '--json'])
  context.diagnostic(`${fileCount} files in ${Math.round(performance.now() - startedAt)} ms`)
  assert.equal(code, 1, told)
  const found = JSON.parse(out) as { place: string; line: number; id: string }[]
  const key = (place: string, at: number, id: string) => `${place}:${at} ${id}`
  assert.deepEqual(
    found.map(({ place, line: at, id }) => key(relative('.', place), at, id)).toSorted(),
    planted.map(({ file, line: at, id }) => key(file, at, id)).toSorted(),
  )
  assert.match(
    told,
    new RegExp(`^chatelaine: ${tokenCount} tokens in ${tokenCount} places; looked through: ${fileCount}$`, 'm'),
  )
  for (const { token } of planted) assert.ok(!out.includes(token) && !told.includes(token))
})
