// Which tokens a command is about, where it is about several.

import { Option, type Command } from 'commander'
import type { ListTokensQuery, Token } from '@chatelaine/sdk'
import { Misuse } from './failure.ts'

export interface TokenFilters {
  readonly account?: string
  readonly project?: string
  readonly kind?: Token['kind']
  readonly origin?: Token['origin']
  readonly q?: string
  readonly permanent?: true
  readonly temporary?: true
}

const origins = ['api', 'console', 'cli', 'handoff', 'neuroio', 'cogniac', 'cocalc', 'sodar', 'coscine']

export function withTokenFilters(command: Command): Command {
  return command
    .option('--account <id>', 'only tokens of this account')
    .option('--project <id>', 'only tokens of this project')
    .addOption(new Option('--kind <kind>', 'only tokens of this kind').choices(['account', 'project', 'manager']))
    .addOption(new Option('--origin <origin>', 'only tokens made through this door').choices(origins))
    .option('-q <text>', 'only tokens whose label contains this, or whose start begins with it')
    .option('--permanent', 'only tokens that never expire')
    .option('--temporary', 'only tokens that expire')
}

/** @throws Misuse when the filters exclude each other. */
export function filtersOf({ account, project, kind, origin, q, permanent, temporary }: TokenFilters): Filters {
  if (permanent !== undefined && temporary !== undefined) {
    throw new Misuse('--permanent and --temporary exclude each other', 'leave one of them out')
  }
  return {
    account_id: account,
    project_id: project,
    kind,
    origin,
    q,
    permanent: permanent ?? (temporary === undefined ? undefined : false),
  }
}

type Filters = Pick<ListTokensQuery, 'account_id' | 'project_id' | 'kind' | 'origin' | 'q' | 'permanent'>
