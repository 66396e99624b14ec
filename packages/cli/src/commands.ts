import type { CommandModule } from './program.ts'

export interface CommandRow {
  readonly does: string
  readonly load: () => Promise<CommandModule>
}

/** What the commands of two words have in common. */
export const groups = {
  token: 'make tokens, see them, change them and revoke them',
  account: 'the people and machines that own tokens',
  project: 'projects and their members',
  audit: 'what happened, who did it, and from where',
  key: 'the master keys of the server on this machine',
} as const

/** Every command, in the order of the help. */
export const commands = {
  login: { does: 'sign in, through a browser', load: () => import('./commands/login.ts') },
  logout: { does: 'sign out, and revoke the token', load: () => import('./commands/logout.ts') },
  'token create': { does: 'make a token', load: () => import('./commands/token-create.ts') },
  'token list': { does: 'list tokens', load: () => import('./commands/token-list.ts') },
  'token show': { does: 'show a token', load: () => import('./commands/token-show.ts') },
  'token usage': {
    does: 'show how often a token is used, and from where',
    load: () => import('./commands/token-usage.ts'),
  },
  'token update': { does: 'change, suspend or resume a token', load: () => import('./commands/token-update.ts') },
  'token rotate': { does: 'give a token a new secret', load: () => import('./commands/token-rotate.ts') },
  'token revoke': { does: 'revoke tokens, for good', load: () => import('./commands/token-revoke.ts') },
  'token env': {
    does: 'print how to set the variable of a token on this machine',
    load: () => import('./commands/token-env.ts'),
  },
  whoami: { does: 'show whom your token speaks for, and what it may do', load: () => import('./commands/whoami.ts') },
  verify: { does: 'ask whether a token is good', load: () => import('./commands/verify.ts') },
  'account list': { does: 'list accounts', load: () => import('./commands/account-list.ts') },
  'account show': { does: 'show an account', load: () => import('./commands/account-show.ts') },
  'account create': { does: 'add an account', load: () => import('./commands/account-create.ts') },
  'account update': { does: 'change an account', load: () => import('./commands/account-update.ts') },
  'account set-password': {
    does: 'give an account another password',
    load: () => import('./commands/account-set-password.ts'),
  },
  'account disable': {
    does: 'disable an account, and refuse its tokens',
    load: () => import('./commands/account-disable.ts'),
  },
  'project list': { does: 'list projects', load: () => import('./commands/project-list.ts') },
  'project show': { does: 'show a project and its members', load: () => import('./commands/project-show.ts') },
  'project create': { does: 'make a project', load: () => import('./commands/project-create.ts') },
  'project update': { does: 'rename or describe a project', load: () => import('./commands/project-update.ts') },
  'project archive': {
    does: 'archive a project, and end its tokens',
    load: () => import('./commands/project-archive.ts'),
  },
  'project add-member': { does: 'add a member', load: () => import('./commands/project-add-member.ts') },
  'project set-role': { does: 'give a member another role', load: () => import('./commands/project-set-role.ts') },
  'project remove-member': { does: 'remove a member', load: () => import('./commands/project-remove-member.ts') },
  'audit list': { does: 'list what happened, the newest first', load: () => import('./commands/audit-list.ts') },
  'audit export': { does: 'export the log', load: () => import('./commands/audit-export.ts') },
  'audit verify': { does: 'check an export, offline', load: () => import('./commands/audit-verify.ts') },
  scan: { does: 'find tokens in files and in the git history', load: () => import('./commands/scan.ts') },
  doctor: { does: 'check what can go wrong with your token', load: () => import('./commands/doctor.ts') },
  serve: { does: 'run the server', load: () => import('./commands/serve.ts') },
  backup: { does: 'copy the database, also while the server runs', load: () => import('./commands/backup.ts') },
  restore: { does: 'put a backup in the place of the database', load: () => import('./commands/restore.ts') },
  'replay-journal': {
    does: 'after PostgreSQL was put back: take away again what was taken away since',
    load: () => import('./commands/replay-journal.ts'),
  },
  'key list': { does: 'show the ids of the master keys', load: () => import('./commands/key-list.ts') },
  'key rotate': { does: 'add a new current master key', load: () => import('./commands/key-rotate.ts') },
  'key retire': {
    does: 'revoke what depends on a former master key, and remove the key',
    load: () => import('./commands/key-retire.ts'),
  },
  completion: { does: 'print what makes a shell complete commands', load: () => import('./commands/completion.ts') },
} as const satisfies Readonly<Record<string, CommandRow>>
