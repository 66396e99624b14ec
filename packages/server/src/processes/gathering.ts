import type { Timer } from '@chatelaine/core'
import type { Figures } from '../metrics/metrics.ts'
import type { Voice } from './messages.ts'

/** Whoever has not told its figures by then is left out: it is frozen, or about to end. */
const gatherMsMax = 500

interface Gathered {
  readonly figures: Figures[]
  readonly done: () => void
  expected: number | undefined
}

/** What the other processes have measured, asked of all of them when somebody wants to know. */
export class Gathering {
  readonly #voice: Voice
  readonly #timer: Timer
  readonly #underWay = new Map<number, Gathered>()
  #number = 0

  /** @param own what this process has measured */
  constructor(voice: Voice, timer: Timer, own: () => Promise<Figures>) {
    this.#voice = voice
    this.#timer = timer
    voice.onTold((message) => {
      if (message.tell === 'tell-figures') {
        const { from: to, number } = message
        void own().then((figures) => voice.say({ say: 'figures', to, number, figures }))
      } else if (message.tell === 'figures-expected') this.#expect(message.number, message.count)
      else if (message.tell === 'figures') this.#take(message.number, message.figures)
    })
  }

  /** Never rejects. */
  async others(): Promise<readonly Figures[]> {
    this.#number += 1
    const number = this.#number
    const figures: Figures[] = []
    await new Promise<void>((resolve) => {
      const cancel = this.#timer.after(gatherMsMax, resolve)
      const done = (): void => {
        cancel()
        resolve()
      }
      this.#underWay.set(number, { figures, done, expected: undefined })
      this.#voice.say({ say: 'gather-figures', number })
    })
    this.#underWay.delete(number)
    return figures
  }

  #expect(number: number, count: number): void {
    const gathered = this.#underWay.get(number)
    if (gathered === undefined) return
    gathered.expected = count
    if (gathered.figures.length >= count) gathered.done()
  }

  #take(number: number, figures: Figures): void {
    const gathered = this.#underWay.get(number)
    if (gathered === undefined) return
    gathered.figures.push(figures)
    if (gathered.figures.length === gathered.expected) gathered.done()
  }
}
