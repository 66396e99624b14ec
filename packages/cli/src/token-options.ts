// What can be said of a token when it is made and when it is changed.

import { InvalidArgumentError, type Command } from 'commander'
import { Misuse } from './failure.ts'

export interface TokenOptions {
  readonly label?: string
  readonly scope?: readonly string[]
  readonly allowIp?: readonly string[]
  readonly rate?: { readonly limit: number; readonly window_seconds: number }
  readonly expires?: string
  readonly permanent?: true
  readonly metadata?: Readonly<Record<string, unknown>>
}

export function withTokenOptions(command: Command): Command {
  return command
    .option('-l, --label <text>', 'what to call it')
    .option('-s, --scope <scope...>', 'what it may do, such as data:read')
    .option('-e, --expires <when>', 'a duration from now, or an instant: 30d, 2027-01-31')
    .option('--permanent', 'it never expires')
    .option('--allow-ip <address...>', 'from where it may be used: addresses or blocks')
    .option('--rate <count/duration>', 'how often it may be verified, such as 100/60s', parseRate)
    .option('--metadata <json>', 'a JSON object to keep with it; not for secrets', parseMetadata)
}

/** @throws Misuse when both are said. */
export function requireOneLife({ expires, permanent }: TokenOptions): void {
  if (expires === undefined || permanent === undefined) return
  throw new Misuse('--expires and --permanent exclude each other', 'leave one of them out')
}

function parseRate(text: string): { limit: number; window_seconds: number } {
  const [, limit = '', seconds = ''] = /^([1-9][0-9]{0,8})\/([1-9][0-9]{0,8})s$/.exec(text) ?? []
  if (limit === '') throw new InvalidArgumentError('It is a number of verifications in a number of seconds: 100/60s.')
  return { limit: Number(limit), window_seconds: Number(seconds) }
}

function parseMetadata(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // The same as JSON of another type.
  }
  throw new InvalidArgumentError('It is a JSON object, such as {"team": "data"}.')
}

/** A whole number of an option, from 1. */
export function parseCount(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 1 on.')
}
