import { closeSync, existsSync, openSync } from 'node:fs'
import {
  applyTaken,
  applyTakenToAccount,
  applyTakenToProject,
  applyTakenToSettings,
  deployment,
  operatorCaller,
  actorOf,
  type AccountId,
  type Action,
  type Change,
  type EpochMs,
  type JsonObject,
  type Position,
  type ProjectId,
  type TakenAccountState,
  type TakenProjectState,
  type TakenSettingsState,
  type TakenTokenState,
  type TokenId,
} from '@chatelaine/core'
import type { Keys } from '@chatelaine/token/keys'
import { parseJournalLine, type JournalLine, type Taking } from './line.ts'
import { journalFile } from './journal.ts'
import { readLines } from './read-lines.ts'
import { StorageError } from '../storage-error.ts'
import type { Sealer } from '../sql/seal.ts'
import type { Steps } from '../sql/steps.ts'
import { findAccount, findProject, findToken, readSettings } from '../sql/tables/find.ts'

/** What a journal holds, for whoever is about to restore with it. */
export interface JournalSummary {
  readonly file: string
  readonly lineCount: number
  /** What its last line is about. */
  readonly position: Position | undefined
  /** Whether it knows the epoch in which the copy of the database was made. Another deployment's, or a new one, does not. */
  readonly isOfCopy: boolean
}

/**
 * Reads the whole journal.
 * @param copied where the log of the copy of the database ends
 * @returns `undefined` when there is no journal
 * @throws StorageError `journal-altered`
 */
export function summarizeJournal(directory: string, keys: Keys, copied: Position): JournalSummary | undefined {
  const file = journalFile(directory)
  if (!existsSync(file)) return undefined
  let lineCount = 0
  let isOfCopy = false
  let position: Position | undefined
  for (const { epoch, seq } of readJournal(directory, keys)) {
    lineCount += 1
    isOfCopy ||= epoch === copied.epoch
    position = { epoch, seq }
  }
  return { file, lineCount, position, isOfCopy }
}

/**
 * What was taken away after a copy of the database was made, oldest first. Lines before the copy's place are left out:
 * what they took may have been given back before.
 * @throws StorageError `journal-altered`
 */
export function* readTakingsAfter(directory: string, keys: Keys, position: Position): Generator<Taking> {
  // Epochs follow one another in the journal. A journal that never heard of the copy's own began after it.
  let isReached = !hasEpoch(directory, keys, position.epoch)
  for (const line of readJournal(directory, keys)) {
    const isOwnEpoch = line.epoch === position.epoch
    if (isOwnEpoch) isReached = true
    const isLater = isOwnEpoch ? line.seq > position.seq : isReached
    if (isLater && 'state' in line) yield line
  }
}

/**
 * Everything that the journal says was taken away, oldest first.
 * @param skipped so many of them are left out
 * @throws StorageError `journal-altered`
 */
export function* readTakings(directory: string, keys: Keys, skipped = 0): Generator<Taking> {
  let count = 0
  for (const line of readJournal(directory, keys)) {
    if (!('state' in line)) continue
    count += 1
    if (count > skipped) yield line
  }
}

/** What takes from a record what the journal says was taken; `undefined` when nothing is left to take. */
export function* replayChange(
  sealer: Sealer,
  { epoch, seq, subject, state }: Taking,
  at: EpochMs,
): Steps<Change | undefined> {
  const details = { because: 'restore', journal_epoch: epoch, journal_seq: seq }
  switch (state.type) {
    case 'token':
      return yield* replayToken(sealer, subject.id as TokenId, state, at, details)
    case 'account':
      return yield* replayAccount(sealer, subject.id as AccountId, state, at, details)
    case 'project':
      return yield* replayProject(sealer, subject.id as ProjectId, state, at, details)
    case 'settings':
      return yield* replaySettings(sealer, state, at, details)
  }
}

function* replayToken(
  sealer: Sealer,
  id: TokenId,
  state: TakenTokenState,
  at: EpochMs,
  details: JsonObject,
): Steps<Change | undefined> {
  const token = yield* findToken(sealer, id)
  if (token === undefined) return undefined
  const narrowed = applyTaken(token, state)
  if (JSON.stringify(narrowed) === JSON.stringify(token)) return undefined
  const isEnded = narrowed.revokedAt !== token.revokedAt
  const isSuspended = narrowed.isActive !== token.isActive
  const action = isEnded ? 'token.revoked' : isSuspended ? 'token.suspended' : 'token.updated'
  return { ...taking(action, at, details), subject: { type: 'token', id }, write: { put: 'token', token: narrowed } }
}

function* replayAccount(
  sealer: Sealer,
  id: AccountId,
  state: TakenAccountState,
  at: EpochMs,
  details: JsonObject,
): Steps<Change | undefined> {
  const account = yield* findAccount(sealer, id)
  if (account === undefined) return undefined
  const narrowed = applyTakenToAccount(account, state)
  if (JSON.stringify(narrowed) === JSON.stringify(account)) return undefined
  const action = narrowed.status === account.status ? 'account.updated' : 'account.disabled'
  return {
    ...taking(action, at, details),
    subject: { type: 'account', id },
    write: { put: 'account', account: narrowed },
  }
}

function* replayProject(
  sealer: Sealer,
  id: ProjectId,
  state: TakenProjectState,
  at: EpochMs,
  details: JsonObject,
): Steps<Change | undefined> {
  const project = yield* findProject(sealer, id)
  if (project === undefined) return undefined
  const narrowed = applyTakenToProject(project, state)
  if (JSON.stringify(narrowed) === JSON.stringify(project)) return undefined
  const isArchived = narrowed.status !== project.status
  const hasSameMembers = JSON.stringify(narrowed.members) === JSON.stringify(project.members)
  const action = isArchived ? 'project.archived' : hasSameMembers ? 'project.updated' : 'project.member_changed'
  return {
    ...taking(action, at, details),
    subject: { type: 'project', id },
    write: { put: 'project', project: narrowed },
  }
}

function* replaySettings(
  sealer: Sealer,
  state: TakenSettingsState,
  at: EpochMs,
  details: JsonObject,
): Steps<Change | undefined> {
  const settings = yield* readSettings(sealer)
  const tightened = applyTakenToSettings(settings, state)
  const isSamePolicy = JSON.stringify(tightened.policy) === JSON.stringify(settings.policy)
  const isSameCatalogue = JSON.stringify(tightened.catalogue) === JSON.stringify(settings.catalogue)
  if (isSamePolicy && isSameCatalogue) return undefined
  const action = isSamePolicy ? 'deployment.scopes_changed' : 'deployment.policy_changed'
  return { ...taking(action, at, details), subject: deployment, write: { put: 'settings', settings: tightened } }
}

function taking(action: Action, at: EpochMs, details: JsonObject): Omit<Change, 'subject' | 'write'> {
  return { at, actor: actorOf(operatorCaller), action, effect: 'takes', details, guards: [] }
}

function hasEpoch(directory: string, keys: Keys, epoch: string): boolean {
  for (const line of readJournal(directory, keys)) if (line.epoch === epoch) return true
  return false
}

function* readJournal(directory: string, keys: Keys): Generator<JournalLine> {
  const file = journalFile(directory)
  if (!existsSync(file)) return
  const descriptor = openSync(file, 'r')
  try {
    let number = 0
    let torn: number | undefined
    for (const text of readLines(descriptor)) {
      number += 1
      // Only the last line can be torn, by a crash before its change was answered.
      if (torn !== undefined) throw altered(file, torn)
      const line = parseJournalLine(text, keys)
      if (line === undefined) torn = number
      else yield line
    }
  } finally {
    closeSync(descriptor)
  }
}

function altered(file: string, lineNumber: number): StorageError {
  return new StorageError(
    'journal-altered',
    `Line ${lineNumber} of ${file} is not what was written there, or was written under a master key that is no longer in the ring. What it took away would be lost: put the line or the key back, or remove the line to go on without it.`,
  )
}
