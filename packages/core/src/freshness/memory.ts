import type { Position, Subject } from '../log/change.ts'
import type { Standing } from '../verify/decide.ts'
import type { Forgetful } from './freshness.ts'
import type { ProjectId } from '../domain/id.ts'
import type { PendingUsage } from '../verify/usage.ts'
import type { PendingUses } from '../verify/uses.ts'

/** A genuine token as a verifier remembers it. */
export interface Remembered<Prepared> extends Standing {
  /** What had been applied when its read began. */
  readonly position: Position
  /** Whatever the edge prepared once, so that a valid answer costs nothing to write. */
  readonly prepared: Prepared
  /** The project that was asked about when it was read: a token is remembered once for each. */
  readonly askedProjectId: ProjectId | null
  /** Uses not yet written; owned by `UseRecorder`. */
  pendingUses: PendingUses | undefined
  /** How its verifications of this hour end; owned by `UsageRecorder`. */
  pendingUsage: PendingUsage | undefined
}

/** So many names lead to one token: its secrets, each with the projects that were asked about. */
export const namesPerTokenMax = 100

/**
 * What was found out of tokens, under a name that only this process can compute, until something of what it hangs on changes.
 * Bounded: beyond `max` the one remembered longest ago gives way, and beyond `namesPerTokenMax` of one token its own, so
 * that nobody pushes out those of others.
 */
export class SubjectMemory<Value> implements Forgetful {
  readonly #max: number
  readonly #subjectIdsOf: SubjectIdsOf<Value>
  readonly #byName = new Map<string, Value>()
  readonly #namesBySubject = new Map<string, Set<string>>()

  constructor(max: number, subjectIdsOf: SubjectIdsOf<Value>) {
    this.#max = max
    this.#subjectIdsOf = subjectIdsOf
  }

  get size(): number {
    return this.#byName.size
  }

  recall(name: string): Value | undefined {
    return this.#byName.get(name)
  }

  remember(name: string, value: Value): void {
    this.#drop(name)
    const subjectIds = this.#subjectIdsOf(value)
    const ofToken = this.#namesBySubject.get(subjectIds[0])
    if (ofToken !== undefined && ofToken.size >= namesPerTokenMax) this.#dropFirst(ofToken)
    if (this.#byName.size >= this.#max) this.#dropFirst(this.#byName.keys())
    this.#byName.set(name, value)
    for (const id of subjectIds) {
      const names = this.#namesBySubject.get(id)
      if (names === undefined) this.#namesBySubject.set(id, new Set([name]))
      else names.add(name)
    }
  }

  forget(subject: Subject): void {
    if (subject.type === 'deployment') return this.forgetAll()
    for (const name of this.#namesBySubject.get(subject.id) ?? []) this.#drop(name)
  }

  forgetAll(): void {
    this.#byName.clear()
    this.#namesBySubject.clear()
  }

  #dropFirst(names: Iterable<string>): void {
    for (const name of names) return this.#drop(name)
  }

  #drop(name: string): void {
    const value = this.#byName.get(name)
    if (value === undefined) return
    this.#byName.delete(name)
    for (const id of this.#subjectIdsOf(value)) {
      const names = this.#namesBySubject.get(id)
      names?.delete(name)
      if (names?.size === 0) this.#namesBySubject.delete(id)
    }
  }
}

/** The ids of everything that a value hangs on, its token's first. The same for the same value each time. */
export type SubjectIdsOf<Value> = (value: Value) => readonly [string, ...string[]]

/** The tokens that were seen and found good. */
export class Memory<Prepared> extends SubjectMemory<Remembered<Prepared>> {
  constructor(max: number) {
    super(max, subjectIds)
  }
}

function subjectIds({ token, askedProjectId, ancestorIds }: Remembered<unknown>): [string, ...string[]] {
  const others = [token.accountId, token.projectId, askedProjectId, ...ancestorIds].filter((id) => id !== null)
  return [token.id, ...others]
}
