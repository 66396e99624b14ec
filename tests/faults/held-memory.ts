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

/** How often it is asked until something is let go; each time takes the collection of all garbage. */
const asksMax = 200

/** What a server holds once no more than so many connections are open: closing takes both sides a moment. */
export async function holdingWithin(server: RunningServer, socketsMax: number): Promise<Holding> {
  for (let asked = 1; ; asked += 1) {
    const holding = await holdingOf(server)
    if (holding.openSockets <= socketsMax) return holding
    if (asked === asksMax) throw new Error(`${holding.openSockets} connections are still open`)
  }
}

/** What a server holds that was started `askable`, after its garbage is gone. */
export async function holdingOf({ child }: RunningServer): Promise<Holding> {
  const answer = once(child, 'message')
  child.send('holding')
  const [holding] = (await answer) as [Holding]
  return holding
}
