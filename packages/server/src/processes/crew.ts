import { fork, type ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { Said, Told } from './messages.ts'

const pingMs = 250

/** Who has said nothing for so long is frozen. Others write instead of the writer, and accept what another would not. */
const silentMsMax = { writer: 1_000, answering: 10_000 } as const

const hintedMsMax = 2 * pingMs

/** Whoever ends before this time, and again, is started after ever longer pauses, up to the last. */
const soundMs = 10_000
const pauseMsMin = 100
const pauseMsMax = 5_000

interface Member {
  readonly number: number
  readonly role: 'writer' | 'answering'
  readonly child: ChildProcess
  readonly startedMs: number
  isReady: boolean
  heardMs: number
}

/** The processes of one server. One that ends is replaced; the writer never before the last one has ended for certain. */
export class Crew {
  readonly #answeringCount: number
  readonly #port: number
  readonly #log: Logger
  readonly #members = new Map<number, Member>()
  #writer: Member | undefined
  #isComplete = false
  #started = 0
  #soonEnded = 0
  #isStopping = false
  #tickedMs = performance.now()
  #ticking: NodeJS.Timeout | undefined

  /** @param port where those who answer listen; 0 would be another one for each who comes when all others have ended */
  constructor(answeringCount: number, port: number, log: Logger) {
    this.#answeringCount = answeringCount
    this.#port = port
    this.#log = log
    // All of them take connections from one queue: who is frozen takes none, and nobody's connection waits for it.
    // (Setting it up settles the policy, so this comes first.)
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({ exec: program('answering.ts'), serialization: 'advanced' })
  }

  /**
   * Resolves when all are ready, with what whoever has started the server is told; with `undefined` when one of them
   * could not start, as it has said itself.
   */
  async start(): Promise<string | undefined> {
    this.#ticking = setInterval(() => this.#tick(), pingMs).unref()
    const writer = await this.#startMember('writer')
    const first = writer && (await this.#startMember('answering', true))
    if (first === undefined) return undefined
    const others = Array.from({ length: this.#answeringCount - 1 }, () => this.#startMember('answering'))
    if ((await Promise.all(others)).includes(undefined)) return undefined
    this.#isComplete = true
    return first.told
  }

  /** Lets those who answer finish what they hold, and then the writer. */
  async stop(): Promise<void> {
    this.#isStopping = true
    const members = [...this.#members.values()]
    await Promise.all(members.filter(({ role }) => role === 'answering').map((member) => this.#end(member)))
    if (this.#writer !== undefined) await this.#end(this.#writer)
    clearInterval(this.#ticking)
  }

  /** Ends all of them at once. */
  kill(): void {
    this.#isStopping = true
    for (const { child } of this.#members.values()) child.kill('SIGKILL')
  }

  async #end(member: Member): Promise<void> {
    const ended = once(member.child, 'exit')
    this.#tell(member, { tell: 'stop' })
    await ended
  }

  /** Resolves when it is ready; `undefined` when it ended instead. */
  #startMember(role: Member['role'], isFirst = false): Promise<Extract<Said, { say: 'ready' }> | undefined> {
    this.#started += 1
    const child = role === 'writer' ? fork(program('writer.ts'), { serialization: 'advanced' }) : cluster.fork().process
    const now = performance.now()
    const member: Member = { number: this.#started, role, child, startedMs: now, isReady: false, heardMs: now }
    this.#members.set(member.number, member)
    if (role === 'writer') this.#writer = member
    else this.#tell(member, { tell: 'begin', isFirst, port: this.#port })
    if (role === 'answering' && this.#writer?.isReady === true) this.#tell(member, { tell: 'writer', is: 'ready' })
    return new Promise((resolve) => {
      child.on('message', (message) => {
        const said = message as Said
        member.heardMs = performance.now()
        if (said.say === 'ready') {
          this.#welcome(member)
          resolve(said)
        } else this.#hear(member, said)
      })
      child.on('error', (error) => this.#log.error({ err: error, role }, 'a process cannot be reached'))
      child.on('exit', (code, signal) => {
        this.#onEnd(member, code, signal)
        resolve(undefined)
      })
    })
  }

  #welcome(member: Member): void {
    member.isReady = true
    if (member.role === 'writer') this.#tellAnswering({ tell: 'writer', is: 'ready' })
  }

  #hear(member: Member, said: Exclude<Said, { say: 'ready' }>): void {
    switch (said.say) {
      case 'ask':
        // Without a writer nobody asks, but for those who have not heard of it yet; they give up when they do.
        if (this.#writer?.isReady === true) this.#tell(this.#writer, { ...said, tell: 'ask', from: member.number })
        break
      case 'answer': {
        const asker = this.#members.get(said.to)
        if (asker !== undefined) this.#tell(asker, { ...said, tell: 'answer' })
        break
      }
      case 'hint':
        // Who is silent would only gather them, and reads the log anyway when it speaks again.
        this.#tellAnswering({ tell: 'hint' }, ({ heardMs }) => performance.now() - heardMs < hintedMsMax)
        break
      case 'gather-figures':
        this.#gather(member, said.number)
        break
      case 'figures': {
        const asker = this.#members.get(said.to)
        if (asker !== undefined) this.#tell(asker, { ...said, tell: 'figures' })
        break
      }
      case 'pong':
    }
  }

  #gather(asker: Member, number: number): void {
    const others = [...this.#members.values()].filter((member) => member !== asker && member.isReady)
    for (const other of others) this.#tell(other, { tell: 'tell-figures', from: asker.number, number })
    this.#tell(asker, { tell: 'figures-expected', number, count: others.length })
  }

  #onEnd(member: Member, code: number | null, signal: NodeJS.Signals | null): void {
    const { number, role, isReady, startedMs } = member
    this.#members.delete(number)
    if (this.#writer === member) {
      this.#writer = undefined
      this.#tellAnswering({ tell: 'writer', is: 'lost' })
    } else if (this.#writer !== undefined) this.#tell(this.#writer, { tell: 'gone', who: number })
    if (this.#isStopping) return
    const wasSound = isReady && performance.now() - startedMs > soundMs
    this.#soonEnded = wasSound ? 0 : this.#soonEnded + 1
    // Before everybody was ready once, the start has failed.
    if (!this.#isComplete) return
    const pauseMs = this.#soonEnded <= 1 ? 0 : Math.min(pauseMsMax, pauseMsMin * 2 ** (this.#soonEnded - 2))
    this.#log.error({ role, code, signal, pauseMs }, 'a process ended; another takes its place')
    setTimeout(() => {
      if (!this.#isStopping) void this.#startMember(role)
    }, pauseMs).unref()
  }

  /** Finds out who is frozen. A pause of this process itself is nobody's fault. */
  #tick(): void {
    const now = performance.now()
    const wasPaused = now - this.#tickedMs > 2 * pingMs
    this.#tickedMs = now
    for (const member of this.#members.values()) {
      if (!member.isReady) continue
      if (wasPaused) member.heardMs = now
      if (now - member.heardMs > silentMsMax[member.role]) {
        this.#log.error({ role: member.role }, 'a process does not answer and is ended')
        member.child.kill('SIGKILL')
      } else this.#tell(member, { tell: 'ping' })
    }
  }

  #tellAnswering(message: Told, isToBeTold = (_member: Member): boolean => true): void {
    for (const member of this.#members.values()) {
      if (member.role === 'answering' && isToBeTold(member)) this.#tell(member, message)
    }
  }

  /** Whoever has ended hears nothing, and needs to hear nothing. */
  #tell({ child }: Member, message: Told): void {
    if (child.connected) child.send(message, () => undefined)
  }
}

function program(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
