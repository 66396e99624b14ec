// Which part of the log a command is about.

import type { Command } from 'commander'
import type { ExportAuditQuery } from '@chatelaine/sdk'
import { parseDuration, requireInstant } from './times.ts'

export interface AuditFilters {
  readonly actor?: string
  readonly subject?: string
  readonly action?: string
  readonly from?: string
  readonly until?: string
}

export function withAuditFilters(command: Command): Command {
  return command
    .option('--actor <id>', 'only what this account or token did')
    .option('--subject <id>', 'only what was done to this account, project or token')
    .option('--action <action>', 'only this action, such as token.revoked')
    .option('--from <when>', 'only what happened then or later: a duration back from now, or an instant')
    .option('--until <when>', 'only what happened before')
}

/** @throws Misuse for what is no time. */
export function filtersOf({ actor, subject, action, from, until }: AuditFilters, now: number): Filters {
  return {
    actor,
    subject,
    action,
    from: from === undefined ? undefined : pastInstant('--from', from, now),
    until: until === undefined ? undefined : pastInstant('--until', until, now),
  }
}

type Filters = Pick<ExportAuditQuery, 'actor' | 'subject' | 'action' | 'from' | 'until'>

/** Here a duration reaches back: `--from 7d` means the last seven days. */
function pastInstant(option: string, text: string, now: number): string {
  const seconds = parseDuration(text)
  return seconds === undefined ? requireInstant(option, text, now) : new Date(now - seconds * 1_000).toISOString()
}
