const count = new Intl.NumberFormat('en')

/** One or several of something. */
function counted(number: number, one: string, many: string): string {
  return `${count.format(number)} ${number === 1 ? one : many}`
}

/** The console in English: the one place where its words stand. */
export const en = {
  language: 'en',

  app: {
    title: (page: string) => `${page} · Chatelaine`,
    name: 'Chatelaine',
    loading: 'One moment…',
    retry: 'Try again',
    skip: 'Skip to the content',
    offline: 'The server cannot be reached. What you see may be out of date; this page goes on trying.',
    notFound: 'There is no such page',
    notFoundText: 'The address is wrong, or what stood here is gone.',
    home: 'Go to your API tokens',
    cancel: 'Cancel',
    close: 'Close',
    save: 'Save',
    copy: 'Copy',
    copied: 'Copied',
    more: 'Show more',
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
    ended: 'Your session is over. Sign in to go on where you were.',
  },

  tokens: {
    title: 'API tokens',
    create: 'Create a token',
    warning:
      'Whoever holds one of these tokens can do what you can do here. When in doubt, delete it and make another.',
    search: 'Search',
    searchHint: 'By label or start, or paste a whole token: it is recognised here and not sent',
    recognised: (label: string) => `The token that you pasted is this one${label === '' ? '' : `: ${label}`}.`,
    notRecognised: 'The token that you pasted is none of these. It was not sent anywhere.',
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
    scopesMore: (number: number) => `and ${count.format(number)} more`,
    never: 'Never',
    neverUsed: 'Never used',
    usedFrom: (ip: string | null, client: string | null) =>
      [ip === null ? undefined : `from ${ip}`, client ?? undefined].filter((part) => part !== undefined).join(', '),
    expiresSoon: 'soon',
    status: { active: 'Active', suspended: 'Suspended', expired: 'Expired', revoked: 'Revoked' },
    rotating: 'Rotating',
    delete: 'Delete',
    deleteNamed: (label: string) => `Delete ${label}`,
    deleteTitle: 'Delete this token?',
    deleteText: (label: string) => `This will remove access to all clients using ${label}. It cannot be undone.`,
    deleted: (label: string) => `${label} is deleted. Nothing accepts it any more.`,
    emptyTitle: 'No tokens yet',
    emptyText:
      'A token lets a program do what you can do here, without your password: a script, a notebook, a pipeline. Make one for each program, so that each can be ended by itself.',
    emptyAction: 'Create your first token',
    noneFound: 'No token fits what you are looking for.',
    total: (number: number) => counted(number, 'token', 'tokens'),
  },
}
