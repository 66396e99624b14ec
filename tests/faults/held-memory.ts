import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Holding } from './heap.ts'
import type { RunningServer } from './running-server.ts'

/** What Node is told so that a server can be asked what it holds. */
export const askable: readonly string[] = [
  '--expose-gc',
  '--import',
  fileURLToPath(new URL('./heap.ts', import.meta.url)),
]

/** What a server holds that was started `askable`, after its garbage is gone. */
export async function holdingOf({ child }: RunningServer): Promise<Holding> {
  const answer = once(child, 'message')
  child.send('holding')
  const [holding] = (await answer) as [Holding]
  return holding
}
