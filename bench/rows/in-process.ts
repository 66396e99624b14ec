import { fork } from 'node:child_process'
import { once } from 'node:events'
import { spreadOf } from '../rounds.ts'
import { fewTokens, type Scene } from '../scene.ts'
import type { PiecesAsked, PiecesMeasured } from '../pieces.ts'
import type { Line } from '../table.ts'

const titles: Record<keyof PiecesMeasured, string> = {
  decide: 'in process: decide alone',
  digest: 'in process: digest alone (HMAC-SHA-256)',
  fingerprint: 'in process: fingerprint alone (SHA-256)',
  verify: 'in process: a whole verification from memory',
}

/** The pieces of a verification without HTTP, in a process that does nothing else. */
export async function inProcess(scene: Scene): Promise<Line[]> {
  const { directory, tokens } = await scene.dataWith(fewTokens)
  const child = fork(new URL('../pieces.ts', import.meta.url))
  const answer = once(child, 'message')
  child.send({ directory, tokens: tokens(0, fewTokens), roundCount: scene.roundCount } satisfies PiecesAsked)
  const [measured] = (await answer) as [PiecesMeasured]
  child.disconnect()
  return Object.entries(titles).map(([piece, what]) => ({
    what,
    unit: 'ns',
    spread: spreadOf(measured[piece as keyof PiecesMeasured]),
  }))
}
