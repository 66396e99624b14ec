import type { VerificationCode } from '@chatelaine/sdk'
import type { Condition } from '../conditions.ts'

const count = new Intl.NumberFormat('en')

const compact = new Intl.NumberFormat('en', { notation: 'compact' })

/** One or several of something. */
function counted(number: number, one: string, many: string): string {
  return `${count.format(number)} ${number === 1 ? one : many}`
}

const sizes = (['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const).map(
  (unit) => new Intl.NumberFormat('en', { style: 'unit', unit, maximumFractionDigits: 1 }),
)

/** A size in its largest whole unit, by thousands as IEC 80000-13 has them. */
function bytes(size: number): string {
  if (size < 1_000) return counted(size, 'byte', 'bytes')
  const step = Math.min(sizes.length, Math.floor(Math.log10(size) / 3))
  return sizes[step - 1]!.format(size / 1_000 ** step)
}

const spans = [
  { seconds: 86_400, one: 'day', many: 'days' },
  { seconds: 3_600, one: 'hour', many: 'hours' },
  { seconds: 60, one: 'minute', many: 'minutes' },
] as const

/** A span in the largest unit of which it is a whole number. */
function span(seconds: number): string {
  const unit = spans.find((known) => seconds % known.seconds === 0)
  return unit === undefined
    ? counted(seconds, 'second', 'seconds')
    : counted(seconds / unit.seconds, unit.one, unit.many)
}

/** All of several things. */
const every = new Intl.ListFormat('en', { type: 'conjunction' })

/** So many scopes are named in a sentence, and more are counted. */
const scopesNamedMax = 4

/** What a sentence says of a token before it is made. */
interface TokenToMake {
  readonly project: string | undefined
  /** What they are called; `undefined`: everything. */
  readonly scopes: readonly string[] | undefined
  readonly isBound: boolean
  readonly rate: { readonly uses: number; readonly seconds: number } | undefined
  readonly uses: number | undefined
  readonly until: string | undefined
}

/** The console in English: the one place where its words stand. */
export const en = {
  language: 'en',
  number: (number: number) => count.format(number),
  /** Where there is little room. */
  compact: (number: number) => compact.format(number),

  app: {
    title: (page: string, platform: string) => `${page} · ${platform}`,
    loading: 'One moment…',
    retry: 'Try again',
    broken: 'This page cannot be shown. Perhaps another release runs meanwhile: load it anew.',
    reload: 'Load anew',
    skip: 'Skip to the content',
    offline: 'The server cannot be reached. What you see may be out of date; this page goes on trying.',
    notFound: 'There is no such page',
    notFoundText: 'The address is wrong, or what stood here is gone.',
    home: 'Go to your API tokens',
    cancel: 'Cancel',
    save: 'Save',
    more: 'Show more',
    bytes,
  },

  nav: {
    label: 'Sections',
    tokens: 'API tokens',
    projects: 'Projects',
    overview: 'Overview',
    accounts: 'Accounts',
    allTokens: 'All tokens',
    audit: 'Audit log',
    settings: 'Settings',
    profile: 'Profile',
    signOut: 'Sign out',
  },

  signIn: {
    title: 'Sign in',
    username: 'User name',
    password: 'Password',
    submit: 'Sign in',
    sso: 'Continue with single sign-on',
    ended: 'Your session is over. Sign in to go on where you were; nothing that you filled in is lost.',
    ssoElsewhere: 'It opens beside this page. Come back here once you have signed in there.',
  },

  tokens: {
    title: 'API tokens',
    create: 'Create a token',
    warning:
      'Whoever holds one of these tokens can do what you can do here. When in doubt, delete it and make another.',
    search: 'Search',
    searchHint: 'By label or start, or paste a whole token: it is recognised here and not sent',
    recognised: (status: string) => `The token that you pasted was recognised and not sent. ${status}:`,
    notRecognised: 'The token that you pasted is none of those that you may see. It was not sent.',
    notSent: 'This may be a secret, so it was not sent. Paste a token with its beginning, or search by label or start.',
    noneInProjects: 'It is the start of a token of a project, and of none of yours.',
    inProject: 'A token of a project of yours:',
    onlyEndedFit: 'Only expired or revoked ones fit.',
    noneLiveTitle: 'No token is good any more',
    noneLiveText: 'There are expired or revoked ones. They are shown for 30 days after their end.',
    showEnded: 'Show expired and revoked ones',
    sort: 'Sort by',
    sorts: {
      '-created_at': 'Newest first',
      created_at: 'Oldest first',
      label: 'Label',
      expires_at: 'Expiry',
      '-last_used_at': 'Last used',
    },
    kind: 'Kind',
    kinds: { account: 'Account', project: 'Project', manager: 'Manager' },
    anyKind: 'All kinds',
    filter: 'Filter',
    unfiltered: 'All',
    conditions: {
      expiring: 'Expiring within a week',
      never_used: 'Never used',
      unused: 'Unused for 90 days',
      permanent: 'Permanent',
    } satisfies Record<Condition, string>,
    columns: {
      label: 'Label',
      start: 'Starts with',
      reach: 'Reaches',
      scopes: 'May do',
      created: 'Created',
      expires: 'Expires',
      lastUsed: 'Last used',
      actions: 'Actions',
    },
    unlabelled: 'No label',
    ownAccount: 'Your account',
    everything: 'Everything you can do',
    everythingThere: 'Everything there',
    scopesMore: (number: number) => `and ${count.format(number)} more`,
    never: 'Never',
    neverUsed: 'Never used',
    usedFrom: (ip: string | null, client: string | null) =>
      [ip === null ? undefined : `from ${ip}`, client ?? undefined].filter((part) => part !== undefined).join(', '),
    expiresSoon: 'soon',
    status: { active: 'Active', suspended: 'Suspended', expired: 'Expired', revoked: 'Revoked' },
    rotating: 'Rotating',
    delete: 'Delete',
    deleteAll: 'Delete all',
    deleteAllTitle: 'Delete all of these tokens?',
    many: {
      wouldEnd: (number: number) => `${counted(number, 'token', 'tokens')} would end, everywhere and for good.`,
      progress: (deleted: number, all: number) =>
        `${count.format(deleted)} of ${counted(all, 'token', 'tokens')} deleted`,
      stop: 'Stop',
      ended: (deleted: number, left: number) =>
        `${counted(deleted, 'token', 'tokens')} deleted.${left === 0 ? '' : ` ${count.format(left)} ${left === 1 ? 'is' : 'are'} left.`}`,
    },
    deleteNamed: (label: string) => `Delete ${label}`,
    deleteTitle: 'Delete this token?',
    deleteText: (label: string) => `This will remove access to all clients using ${label}. It cannot be undone.`,
    unused: (last: string | undefined) =>
      `This server did not accept it within the last 24 hours${last === undefined ? '' : `; it was last used ${last}`}. Services that verify in their own process may have.`,
    breaks: (calls: number, addresses: number, areMore: boolean) => {
      const from = addresses === 0 ? 'from where is not known' : `from ${counted(addresses, 'address', 'addresses')}`
      return `This server accepted it ${counted(calls, 'time', 'times')} within the last 24 hours, ${from}${areMore ? ' or more' : ''}.`
    },
    breaksAt: (ip: string | null, client: string | null, calls: number) =>
      `${ip ?? 'An unknown address'}${client === null ? '' : `, ${client}`}: ${counted(calls, 'time', 'times')}`,
    deleted: (label: string) => `${label} is deleted. Nothing accepts it any more.`,
    emptyTitle: 'No tokens yet',
    emptyText:
      'A token lets a program do what you can do here, without your password: a script, a notebook, a pipeline. Make one for each program, so that each can be ended by itself.',
    emptyAction: 'Create your first token',
    noneFound: 'No token fits what you are looking for.',
    total: (number: number) => counted(number, 'token', 'tokens'),
  },
  create: {
    title: 'Create a token',
    label: 'Label',
    labelHint: 'What it is for, such as "laptop" or "nightly build"',
    submit: 'Create the token',
    notTaken: (parts: readonly string[]) => `Not all that the link asks for can be had: ${parts.join('; ')}.`,
    notTakenParts: {
      label: 'its label is too long, or holds what no label can',
      project: 'there is no such project that is open to you, and without it the token would reach your whole account',
      scopes: 'some of its scopes are not known here',
      expires: 'its end is no day and no span such as 30d or 12h',
    },
    expiry: {
      legend: 'Expires',
      days: (days: number) => counted(days, 'day', 'days'),
      date: 'On a date',
      hours: 'In hours',
      never: 'Never',
      dateLabel: 'Last day',
      hoursLabel: 'Hours',
      hoursHint: '0 means until you delete it',
      ends: (at: string, distance: string) => `It ends on ${at}, ${distance}.`,
      endsNever: 'It never expires: it is good until somebody deletes it.',
      permanentInUse: (inUse: number, max: number) => `${count.format(inUse)} of ${count.format(max)} permanent in use`,
      permanentAdvice: 'A temporary token that its program renews is safer: one that is lost ends by itself.',
      notHere: 'not allowed here',
      faults: {
        unreadable: () => 'Say when, with a whole number or a day.',
        past: () => 'That day is over. Choose a later one.',
        'too-long': ({ longestSeconds }: ExpiryLimits) =>
          `Tokens here live at most ${span(longestSeconds)}. Choose a shorter time.`,
        'no-permanent': ({ longestSeconds }: ExpiryLimits) =>
          `Every token here expires, after at most ${span(longestSeconds)}. Choose a time.`,
        'permanent-limit': ({ inUse, max }: ExpiryLimits) =>
          `${count.format(inUse)} of ${count.format(max)} permanent tokens are in use. Delete one of them, or choose a time.`,
      },
    },
    reach: {
      legend: 'Reaches',
      account: 'Everything in your account',
      project: 'One project',
      safer: 'One project is safer where one is enough: the token reaches that project and nothing else.',
      which: 'Project',
    },
    scopes: {
      legend: 'May do',
      all: 'Everything I can do',
      some: 'Only what I choose',
      allMeans: 'Whoever holds the token can do all that you can do here, also what you are allowed later.',
      search: 'Search',
      noneFound: 'Nothing fits.',
      ungrouped: 'Other',
      none: 'None',
      read: 'Read',
      readAndWrite: 'Read and write',
      everyOfGroup: 'All',
      shortcuts: (group: string) => `Of ${group}`,
      chooseOne: 'Choose at least one.',
      sensitive: 'sensitive',
      written: 'Scopes',
      writtenHint: 'Each as resource:action, separated by spaces',
    },
    limits: {
      summary: 'Limits: addresses, rate, number of uses',
      addresses: 'Only from these addresses',
      addressesHint: 'Addresses or blocks such as 192.0.2.0/24, one a line; none: from anywhere',
      rate: 'At most so many uses',
      window: 'within so many seconds',
      uses: 'Good for so many uses in all',
      usesHint: 'None: as many as you like',
    },
    sentence: ({ project, scopes, isBound, rate, uses, until }: TokenToMake) => {
      const reach = project === undefined ? 'your account' : `the project ${project} and nothing else`
      const may =
        scopes === undefined
          ? 'do everything that you can do there'
          : scopes.length > scopesNamedMax
            ? `use ${count.format(scopes.length)} scopes of it and no more`
            : `do nothing there but ${every.format(scopes.map((scope) => `“${scope}”`))}`
      const from = isBound ? ', from the addresses above alone' : ''
      const often =
        rate === undefined
          ? ''
          : `, at most ${counted(rate.uses, 'time', 'times')} in ${counted(rate.seconds, 'second', 'seconds')}`
      const inAll = uses === undefined ? '' : `, ${counted(uses, 'time', 'times')} in all`
      const end = until === undefined ? 'until somebody deletes it' : `until ${until}`
      return `This makes a token that reaches ${reach} and may ${may}${from}${often}${inAll}, ${end}.`
    },
  },

  token: {
    one: 'API token',
    edit: 'Edit',
    expiryStays: 'As it is',
    suspend: 'Suspend',
    suspendTitle: 'Suspend this token?',
    suspendText: 'Nothing accepts it until somebody resumes it.',
    resume: 'Resume',
    resumeTitle: 'Resume this token?',
    resumeText: 'Whoever holds it can use it again.',
    adopt: 'Take over',
    adoptTitle: 'Take this token over?',
    adoptText: 'It counts as made by you from then on, and goes on when whoever made it leaves the project.',
    revoked: 'Revoked, for good,',
    suspended: 'Suspended: nothing accepts it until it is resumed.',
    start: 'Starts with',
    id: 'Token id',
    kind: 'Kind',
    status: 'Status',
    scopes: 'May do',
    addresses: 'From',
    anywhere: 'Anywhere',
    created: 'Created',
    madeBy: 'Made with',
    origins: {
      api: 'the HTTP API',
      console: 'this console',
      cli: 'the command line',
      handoff: 'an application, with your consent',
      neuroio: "NeuroIO's API",
      cogniac: "Cogniac's API",
      cocalc: "CoCalc's API",
      sodar: "SODAR's API",
      coscine: "Coscine's API",
    },
    expires: 'Expires',
    lastUsed: 'Last used',
    uses: 'Uses',
    useCount: (used: number, left: number | null) =>
      left === null ? count.format(used) : `${count.format(used)}, ${count.format(left)} left`,
    rate: 'Rate',
    noRate: 'No limit of its own',
    rateOf: ({ limit, window_seconds: seconds }: { limit: number; window_seconds: number }) =>
      `${counted(limit, 'use', 'uses')} in ${counted(seconds, 'second', 'seconds')}`,
    usage: 'Usage',
    usedFrom: {
      title: 'From where it was accepted',
      address: 'Address',
      unknown: 'Not known',
      client: 'Client',
      uses: 'Times',
      lastUsed: 'Last used',
      elsewhere: (uses: number) => `And ${counted(uses, 'time', 'times')} from other addresses.`,
      kept: 'Addresses are kept for a week.',
    },
    events: 'What happened',
    noEvents: 'Nothing that the log still knows and that you may see.',
    rotation: {
      title: 'A new secret',
      none: 'Rotating gives the token a new secret under the same name; the old one goes on for a while, so that nothing breaks.',
      grace: 'The old secret lives on',
      graces: (seconds: number) =>
        seconds === 0 ? 'not at all' : `${span(seconds)} after the first use of the new one`,
      rotate: 'Rotate',
      rotateTitle: 'Make a new secret?',
      rotateText: 'You see the new secret once. The old one ends some time after the new one is first used.',
      rotateAtOnce: 'You see the new secret once. The old one ends when the new one is first used.',
      cancel: 'Take the new secret back',
      cancelTitle: 'Take the new secret back?',
      cancelText: 'It was not used yet. The old one goes on as before.',
      newSecret: 'New secret',
      oldSecret: 'Old secret',
      unused: 'not used yet',
      endsAt: 'ends',
      oldUnused: 'not used since',
      oldUsed: 'last used',
      oldUsedFrom: 'The old secret is still used from:',
    },
  },

  usage: {
    byHour: 'Last 24 hours',
    byDay: 'Last 30 days',
    accepted: 'accepted',
    refused: 'refused',
    caption: (total: number) => `${counted(total, 'verification', 'verifications')} in this time`,
    step: (accepted: number, refused: number) => `${count.format(accepted)} accepted, ${count.format(refused)} refused`,
    asTable: 'Show as a table',
    time: 'Time',
    refusals: 'Refused, by reason',
    noRefusals: (accepted: number) =>
      accepted === 0 ? 'Nothing was refused, since nothing was asked.' : 'Nothing was refused in this time.',
    codes: {
      malformed: 'What was presented is no token, or one with a typing error',
      unknown: 'No token that is known here',
      revoked: 'Somebody deleted it',
      suspended: 'Somebody suspended it',
      owner_disabled: 'The account that owns it is disabled',
      expired: 'Its time is over',
      not_yet_valid: 'Its time has not begun',
      wrong_kind: 'A service asked for another kind of token',
      ip_not_allowed: 'It came from an address that it may not be used from',
      wrong_project: 'It does not reach the project that was asked about',
      insufficient_scope: 'It lacks a scope that was asked for',
      uses_exceeded: 'All of its uses are spent',
      rate_limited: 'It was used too often in a short time',
    } satisfies Record<Exclude<VerificationCode, 'valid'>, string>,
  },

  projects: {
    one: 'Project',
    about: 'A project is a place that several people share. Its tokens reach it and nothing else.',
    create: 'Create a project',
    name: 'Name',
    description: 'What it is for',
    submit: 'Create the project',
    none: 'You belong to no project yet.',
    since: 'since',
    archived: 'Archived',
    isArchived: 'This project is archived: its tokens have ended, and nothing in it can be changed.',
    archive: 'Archive',
    archiveTitle: 'Archive this project?',
    archiveText: (name: string) => `Every token of ${name} ends at once and for good. It cannot be undone.`,
    members: 'Members',
    role: 'Role',
    roles: { member: 'Member', manager: 'Manager', owner: 'Owner' },
    roleOf: (name: string) => `Role of ${name}`,
    addWhom: 'Add somebody, by user name',
    add: 'Add',
    leave: 'Leave',
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove ${name} from this project?`,
    removeText: 'The tokens of this project that this person made end at once, unless somebody takes them over first.',
  },

  profile: {
    about: 'About you',
    username: (name: string) => `You sign in as ${name}.`,
    name: 'Name',
    email: 'E-mail address',
    saved: 'Saved.',
    password: 'Password',
    current: 'Current password',
    new: 'New password',
    newHint: 'At least 15 characters. Several words are easy to remember.',
    tokensToo: 'Delete all of my API tokens too',
    passwordEnds: 'You are signed out everywhere, here too.',
    change: 'Change the password',
    sessions: 'Where you are signed in',
    sessionsText:
      'A session ends when no page of this console was in sight for an hour, and after twelve hours in any case.',
    everywhere: 'Sign out everywhere',
    everywhereTitle: 'Sign out everywhere?',
    everywhereText: 'Every browser has to sign in again, this one too. Your tokens go on.',
    noPassword: 'You have no password: you sign in through single sign-on. An administrator can set one for you.',
  },

  identity: {
    title: 'Single sign-on',
    issuer: 'Provider',
    issuerHint: 'The address with which it names itself, to the letter, as its ID tokens say',
    subject: 'Subject',
    subjectHint: 'How it names this person, for ever',
    unset:
      'Nobody signs in to this account through single sign-on. Whoever the provider vouches for under this subject can, once it is set here.',
    submit: 'Set single sign-on',
    set: 'Whoever the provider vouches for under this subject signs in to this account.',
    remove: 'Take single sign-on away',
    removeTitle: 'Take single sign-on away from this account?',
    removeText:
      'Its sessions end, and nobody signs in to it through the provider any more; without a password nobody signs in to it at all. Its tokens go on.',
    ownUnset:
      'Connect the provider through which your platform signs people in, and you can sign in here without a password. You go there, say who you are, and come back.',
    connect: 'Connect single sign-on',
    ownSet: 'You can sign in through this provider, as whoever it knows you as.',
    disconnect: 'Disconnect',
    disconnectTitle: 'Disconnect single sign-on?',
    disconnectText:
      'You are signed out everywhere, here too, and sign in with your password from then on. Your tokens go on.',
    onlyWay:
      'You have no password, so this is the one way in which you sign in. To disconnect it, have an administrator set a password first.',
  },

  accounts: {
    one: 'Account',
    create: 'Add an account',
    submit: 'Add the account',
    search: 'Search by user name, name or e-mail address',
    noneFound: 'Nobody fits what you are looking for.',
    username: 'User name',
    name: 'Name',
    email: 'E-mail address',
    external: "The platform's own id",
    externalHint: 'What your platform calls this person; verifications answer with it',
    password: 'Password',
    passwordHint: 'At least 15 characters; without one nobody can sign in with a password',
    role: 'Role',
    roles: { member: 'Member', admin: 'Administrator' },
    id: 'Account id',
    disabled: 'Disabled',
    isDisabled: 'This account is disabled: it cannot sign in, and its tokens are refused.',
    signedIn: 'Signed in',
    neverSignedIn: 'Never signed in',
    disable: 'Disable',
    disableTitle: 'Disable this account?',
    disableText:
      'Its sessions end, and its tokens are refused everywhere at once. The tokens that it made for projects end for good.',
    enable: 'Enable',
    enableTitle: 'Enable this account?',
    enableText: 'It can sign in again, and its tokens that are still good are accepted again.',
    makeAdmin: 'Make administrator',
    makeAdminTitle: 'Make this account an administrator?',
    makeAdminText: 'Administrators manage every account, project and token, and read the whole log.',
    unmakeAdmin: 'Make member',
    unmakeAdminTitle: 'Take the role of administrator away?',
    unmakeAdminText: 'From then on this account reaches what is its own.',
    setPassword: 'Set a new password',
    passwordSet: 'The password is set, and every session of the account has ended.',
    tokensToo: 'Delete all of its API tokens too',
  },

  allTokens: {
    revokeMany: 'Delete many',
    about: 'Say which tokens: you see how many there are before anything ends. Your own session is not touched.',
    label: 'Label or start contains',
    lasting: 'Expiry',
    lastings: { any: 'Any', permanent: 'Permanent', temporary: 'Temporary' },
    narrow: 'Choose at least one of these.',
    revokeThem: (number: number) => `Delete ${counted(number, 'token', 'tokens')}`,
    title: 'Delete these tokens?',
  },

  audit: {
    actor: 'Who did it',
    actorShape: 'acc_… or tok_…',
    noId: 'This is no whole id yet, so it narrows nothing.',
    subject: 'Done to',
    subjectShape: 'acc_…, prj_…, tok_… or all',
    action: 'What happened',
    anyAction: 'Anything',
    groups: {
      token: 'Tokens',
      project: 'Projects',
      account: 'Accounts',
      consent: 'Consent',
      deployment: 'The deployment',
    },
    actions: {
      'token.created': 'Token created',
      'token.updated': 'Token changed',
      'token.suspended': 'Token suspended',
      'token.resumed': 'Token resumed',
      'token.revoked': 'Token revoked',
      'token.rotated': 'New secret given to a token',
      'token.rotation_used': 'New secret used for the first time',
      'token.rotation_cancelled': 'New secret taken back',
      'token.retired_secret_used': 'Old secret presented after its end',
      'token.exposed': 'Token seen in a URL, where others may have seen it too',
      'token.rekeyed': 'Token moved to the current master key',
      'token.forgotten': 'Token that ended long ago removed',
      'token.adopted': 'Token taken over',
      'project.created': 'Project created',
      'project.updated': 'Project changed',
      'project.archived': 'Project archived',
      'project.member_added': 'Member added to a project',
      'project.member_changed': 'Role of a member changed',
      'project.member_removed': 'Member removed from a project',
      'account.created': 'Account added',
      'account.updated': 'Account changed',
      'account.disabled': 'Account disabled',
      'account.enabled': 'Account enabled',
      'account.password_changed': 'Password changed',
      'account.identity_connected': 'Single sign-on connected',
      'account.identity_disconnected': 'Single sign-on disconnected',
      'account.signed_in': 'Signed in',
      'account.signed_out': 'Signed out',
      'account.portal_opened': 'Portal session opened',
      'consent.given': 'Application allowed to get a token',
      'consent.refused': 'Application refused a token',
      'deployment.started': 'Deployment started for the first time',
      'deployment.backed_up': 'Backup taken',
      'deployment.restored': 'Backup restored',
      'deployment.key_added': 'Master key added',
      'deployment.key_retired': 'Master key retired',
      'deployment.policy_changed': 'Policy changed',
      'deployment.scopes_changed': 'Scopes of the platform changed',
    },
    from: 'From, in your time',
    until: 'Until, in your time',
    code: 'Action',
    byWhom: { account_id: 'Done by account', token_id: 'Done by token' },
    nothing: 'none',
    yes: 'yes',
    no: 'no',
    fromTo: (from: string, to: string) => `${from} → ${to}`,
    none: 'Nothing happened that fits.',
    takes: 'takes away',
    details: 'Details',
    actors: {
      token: 'a token',
      session: 'a person',
      portal: 'a page of the platform',
      operator: 'the operator, on the machine',
      anonymous: 'nobody who is known',
      system: 'the server by itself',
    },
    exportSigned: 'Export, signed',
    exportCsv: 'Export as CSV',
    chain: 'What shows that nobody altered it',
    chainText:
      'Each entry is chained to the one before, and the chain is signed. A signed export can be checked offline with these keys: keep them where the server cannot change them. A CSV cannot be checked.',
    empty: 'The log is empty.',
    lastEntry: (number: number) =>
      `The log has ${counted(number, 'entry', 'entries')}, numbered without a gap; the last was written `,
    signedWith: (ids: readonly string[]) => `It is signed with the key ${every.format(ids)}.`,
    end: 'The last entry',
    key: (id: string) => `Key ${id}`,
  },

  overview: {
    verifications: 'Verifications',
    top: 'Most used tokens',
    noneUsed: 'No token was used in this time.',
    firstSteps: {
      title: 'First steps',
      about: 'No token of a person or a project was verified here yet. This is the way to the first one:',
      scopes: { action: 'Name what tokens may do', why: 'the scopes of your platform, with words for people' },
      token: { action: 'Create a token', why: 'as the people of your platform will' },
      verify: { action: 'Have a service verify it', why: 'with the SDK, or by one request' },
    },
    count: (number: number, isMore: boolean) => (isMore ? `more than ${count.format(number)}` : count.format(number)),
    cards: {
      expiring: {
        action: 'See which, and tell their owners',
        none: 'No token ends this week.',
      },
      never_used: {
        action: 'See which, and delete those that nobody needs',
        none: 'No token waits for its first use.',
      },
      unused: {
        action: 'See which, and delete them',
        none: 'No token lies idle so long.',
      },
      permanent: {
        action: 'See which, and prefer temporary ones',
        none: 'Every token ends by itself.',
      },
    },
  },

  settings: {
    policy: 'Policy',
    fields: {
      temporaryHours: { label: 'Temporary tokens live', unit: 'hours', hint: 'Where nobody says otherwise' },
      longestDays: { label: 'No token lives longer than', unit: 'days', hint: 'Empty: no bound' },
      permanentMax: {
        label: 'Permanent tokens',
        unit: 'tokens',
        hint: 'For each account or project; suspended ones count',
      },
      liveMax: { label: 'Live tokens', unit: 'tokens', hint: 'For each account or project, permanent and temporary' },
      rateLimit: { label: 'At most', unit: 'verifications', hint: 'For each account or project; empty: no limit' },
      rateWindow: { label: 'Within', unit: 'seconds', hint: 'All of them may come at once' },
    },
    groups: {
      lifetime: 'Lifetime',
      count: 'Number',
      rate: 'Rate',
      projects: 'People',
    },
    flags: {
      membersMayCreate: 'Members of a project may make tokens for it',
      membersManageAll: 'Members of a project manage all of its tokens, not only their own',
      needsProjectRole: 'Only members of some project get tokens of their own',
    },
    unreadable: 'Write a number.',
    inForce: 'This is in force.',
    changes: 'What would change',
    change: (label: string, unit: string, before: string, after: string) =>
      `${label}: ${before.trim() === '' ? 'no bound' : `${before} ${unit}`} → ${after.trim() === '' ? 'no bound' : `${after} ${unit}`}`,
    flagChange: (flag: string, isSet: boolean) => `${flag}: ${isSet ? 'no → yes' : 'yes → no'}`,
    preview: 'See what this would end',
    set: 'Set this policy',
    saved: 'Set.',
    cutsNothing: 'No token would end.',
    cuts: (now: number, later: number, owners: number) =>
      `${counted(now, 'token', 'tokens')} would end at once, and ${count.format(later)} earlier than now, of ${counted(owners, 'owner', 'owners')}.`,
    cutAt: (at: string) => `ends ${at}`,
    cutsMore: (number: number) => `and ${count.format(number)} more`,
    scopes: 'Scopes of the platform',
    catalogue: {
      about:
        'What tokens of this platform may be allowed, in words that people choose by. Once there is a catalogue, tokens can do nothing that it does not name.',
      row: (number: number) => `Scope ${count.format(number)}`,
      name: 'Scope',
      group: 'Group',
      words: 'In words',
      heldBy: 'For tokens of',
      holders: { both: 'accounts and projects', account: 'accounts', project: 'projects' },
      sensitive: 'Sensitive',
      add: 'Add a scope',
      remove: 'Remove',
      removeNamed: (name: string) => `Remove ${name}`,
      asText: 'Paste as text',
      lines: 'One scope a line',
      linesHint:
        'resource:action | group | words for people | sensitive; cells that were copied from a spreadsheet do as well',
      intoRows: 'Put into rows',
      takes:
        'Once you save, tokens that hold these cannot use them any more. Putting one back later does not give it back to them: somebody gives their scopes anew.',
      takenFrom: { all: 'from every token', account: 'from tokens of accounts', project: 'from tokens of projects' },
      first:
        'This is the first catalogue: once you save, tokens can do nothing that it does not name, and there is always one from then on.',
      putBack: 'Keep it',
      putBackNamed: (name: string) => `Keep ${name}`,
      saved: 'Saved.',
      preview: 'See how people choose from them',
    },
    server: 'The server',
  },

  server: {
    state: 'State',
    ready: 'Ready',
    notReady: 'Not ready',
    unready: (because: string) => `No requests should be sent here: ${because}.`,
    version: 'Release',
    running: 'Running since',
    instances: 'Answering',
    instanceCount: (number: number) => counted(number, 'process', 'processes'),
    database: 'Database',
    databases: { sqlite: 'SQLite', postgresql: 'PostgreSQL' },
    journal: 'Journal of what was taken away',
    journalBehind:
      'The journal cannot be written. Whatever was taken away since then is in force, and nobody is told so until it is in the journal.',
    keys: 'Master keys, by their ids',
    current: 'current',
    backup: 'Last backup',
    noBackup: 'None was ever made. On the machine of the server, run',
    backupCommand: 'npm run operate -- backup FILE',
    backupElsewhere:
      'PostgreSQL is backed up with its own means, such as pg_dump, of which nothing is known here. The guide on backups says what to keep besides.',
  },

  embed: {
    back: 'All API tokens',
    ended: 'This session has ended. What was here comes back as soon as the page renews it; else load the page again.',
    noServer:
      'Say in the attribute "server" where Chatelaine is, such as server="https://tokens.example.org": an address that begins with https:// or http://, without a name, query or fragment.',
    refused: (server: string, page: string) =>
      `${server} does not answer scripts of ${page}. Whoever runs it adds ${page} to CHATELAINE_CORS_ORIGINS.`,
    unreachable: (server: string) =>
      `${server} cannot be reached from this page. See whether it is running, and whether the page's Content-Security-Policy has it in connect-src.`,
  },

  secret: {
    title: 'Your new token',
    made: (label: string) => `${label} is made. Copy it now.`,
    aria: 'The token',
    copy: 'Copy',
    copied: 'Copied',
    notCopied: 'The browser does not allow copying here: mark the token and copy it yourself.',
    download: 'Download as a .token file',
    gone: 'The token is not shown any more.',
    warning:
      'You will not see it again: it is stored only as a one-way hash, and if you lose it you make a new one. Keep it like your password: not in source code, chats, forums or any place that others can read.',
    guide: 'How to use a token',
    whereTitle: 'Where to put it',
    done: 'I have stored it',
    leaving: {
      title: 'Leave without the token?',
      text: 'You will not see it again. If you have not stored it, you make a new one.',
      stay: 'Stay here',
      leave: 'Leave',
    },
    notUsed: 'Not used yet. This line tells you when it is.',
    firstUsed: 'First used',
    from: (ip: string) => `from ${ip}`,
    snippets: {
      linux:
        'For this session: run this, paste the token, and press Enter. It is not shown, and not kept in the history.',
      macos:
        'For this session: run this, paste the token, and press Enter. It is not shown, and not kept in the history.',
      windows: 'For this session, in PowerShell: run this, paste the token, and press Enter.',
      file: 'File',
      fileText:
        'Keep such files out of git first; then put the downloaded one beside your program, readable for you alone.',
      curl: 'With the token in the environment, and not on the command line, which others on the machine can read.',
      program: 'The program reads the token from the environment; it never stands in the program.',
      ci: 'CI secret',
      ciText:
        'Paste the token when you are asked for it. Elsewhere: the settings of your pipeline have a place for secrets.',
    },
  },
}

interface ExpiryLimits {
  readonly inUse: number
  readonly max: number
  readonly longestSeconds: number
}
