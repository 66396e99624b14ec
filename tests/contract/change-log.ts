import assert from 'node:assert/strict'
import { revoked, unused, type Change, type CommitOutcome, type LogEntry } from '@chatelaine/core'
import {
  allPages,
  change,
  noon,
  Notes,
  plenty,
  putAccount,
  putToken,
  requireCommitted,
  sampleAccount,
  sampleSession,
  sampleToken,
  storeAccount,
  storeToken,
} from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type SuiteOptions } from './suite.ts'

/** The promises of `ChangeLog`, and of the changes that it writes. */
export function describeChangeLog(open: OpenStorage, options: SuiteOptions): void {
  describePort('ChangeLog', open, options, (promise) => {
    promise('an empty log stands at 0, in an epoch', async ({ source }) => {
      assert.equal(source.position().seq, 0)
      assert.match(source.position().epoch, /^[0-9A-Za-z]{16}$/)
    })

    promise('a commit writes all of its changes and a row of the log for each', async ({ log, tokens, accounts }) => {
      const account = sampleAccount()
      const token = sampleToken({ accountId: account.id })
      const { seq, written } = requireCommitted(await log.commit([putAccount(account), putToken(token)]))
      assert.equal(seq, 2)
      assert.deepEqual(
        written.map(({ type }) => type),
        ['account', 'token'],
      )
      assert.equal((await accounts.find(account.id))?.changedSeq, 1)
      assert.equal((await tokens.find(token.id))?.changedSeq, 2)
      const { items } = await log.read({ limit: 10 })
      assert.deepEqual(
        items.map((entry) => entry.subject.id),
        [token.id, account.id],
      )
    })

    promise('a commit that is refused half-way writes nothing at all', async ({ log, tokens }) => {
      const token = sampleToken()
      const stale = { ...(await storeToken({ log }, sampleToken())), changedSeq: 99 }
      assert.deepEqual(await log.commit([putToken(token), putToken(stale)]), { outcome: 'conflict' })
      assert.equal(await tokens.find(token.id), undefined)
      assert.equal((await log.read({ limit: 10 })).items.length, 1)
      const next = await storeToken({ log }, sampleToken())
      assert.deepEqual([next.serial, next.changedSeq], [2, 2])
    })

    promise('a request that cannot be carried out takes nothing of the others with it', async ({ log, tokens }) => {
      const good = [sampleToken(), sampleToken()]
      const bad = sampleToken({ label: '\ud800' })
      const results = await Promise.allSettled([good[0]!, bad, good[1]!].map((token) => log.commit([putToken(token)])))
      assert.deepEqual(
        results.map(({ status }) => status),
        ['fulfilled', 'rejected', 'fulfilled'],
      )
      for (const { id } of good) assert.notEqual(await tokens.find(id), undefined)
      assert.equal(await tokens.find(bad.id), undefined)
    })

    promise('serials begin at 1 and are never given twice', async ({ log }) => {
      const first = await storeToken({ log }, sampleToken())
      await log.commit([change({ remove: 'token', token: first })])
      const second = await storeToken({ log }, sampleToken())
      assert.deepEqual([first.serial, second.serial], [1, 2])
      assert.equal((await storeAccount({ log }, sampleAccount())).serial, 1)
    })

    promise('what a new record says of its serial and its use is passed over', async ({ log, tokens }) => {
      const use = { ...unused, firstAt: 1, lastAt: 2, lastIp: '::1', lastClient: 'curl', count: 3 }
      const stored = await storeToken({ log }, sampleToken({ serial: 77, use }))
      assert.equal(stored.serial, 1)
      assert.deepEqual((await tokens.find(stored.id))?.use, unused)
    })

    promise('seq counts in commit order without gaps, however many commit at once', async ({ log }) => {
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => log.commit([putToken(sampleToken())])))
      const seqs = outcomes.map((outcome) => requireCommitted(outcome).seq).toSorted((a, b) => a - b)
      assert.deepEqual(
        seqs,
        Array.from({ length: 100 }, (_, index) => index + 1),
      )
    })

    promise('replacing a version that is no longer in force conflicts', async ({ log, tokens }) => {
      const token = await storeToken({ log }, sampleToken())
      await storeToken({ log }, { ...token, label: 'first' })
      assert.deepEqual(await log.commit([putToken({ ...token, label: 'second' })]), { outcome: 'conflict' })
      assert.equal((await tokens.find(token.id))?.label, 'first')
      const account = await storeAccount({ log }, sampleAccount())
      await storeAccount({ log }, { ...account, name: 'first' })
      assert.deepEqual(await log.commit([putAccount({ ...account, name: 'second' })]), { outcome: 'conflict' })
    })

    promise('of many simultaneous replacements of one version exactly one is written', async ({ log }) => {
      const token = await storeToken({ log }, sampleToken())
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => log.commit([putToken({ ...token, label: `${index}` })])),
      )
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'committed').length, 1)
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'conflict').length, 19)
    })

    promise('removing what is gone conflicts', async ({ log }) => {
      const token = await storeToken({ log }, sampleToken())
      requireCommitted(await log.commit([change({ remove: 'token', token })]))
      assert.deepEqual(await log.commit([change({ remove: 'token', token })]), { outcome: 'conflict' })
      assert.deepEqual(await log.commit([change({ remove: 'session', sessionId: 'ses_none' })]), {
        outcome: 'conflict',
      })
    })

    promise('a guard that does not hold makes the commit a conflict', async ({ log }) => {
      const token = await storeToken({ log }, sampleToken())
      const account = await storeAccount({ log }, sampleAccount())
      const guarded = (guards: Change['guards']): Promise<CommitOutcome> =>
        log.commit([change({ put: 'nothing' }, { guards })])
      requireCommitted(
        await guarded([
          { guard: 'token-unchanged', id: token.id, changedSeq: token.changedSeq },
          { guard: 'account-unchanged', id: account.id, changedSeq: account.changedSeq },
        ]),
      )
      await storeToken({ log }, { ...token, label: 'other' })
      await storeAccount({ log }, { ...account, name: 'other' })
      assert.deepEqual(await guarded([{ guard: 'token-unchanged', id: token.id, changedSeq: token.changedSeq }]), {
        outcome: 'conflict',
      })
      assert.deepEqual(
        await guarded([{ guard: 'account-unchanged', id: account.id, changedSeq: account.changedSeq }]),
        {
          outcome: 'conflict',
        },
      )
    })

    promise('a guard for an account holds while it is there and active', async ({ log }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const guarded = (id = account.id): Promise<CommitOutcome> =>
        log.commit([change({ put: 'nothing' }, { guards: [{ guard: 'account-active', id }] })])
      const renamed = await storeAccount({ log }, { ...account, name: 'other' })
      requireCommitted(await guarded())
      await storeAccount({ log }, { ...renamed, status: 'disabled' })
      assert.deepEqual(await guarded(), { outcome: 'conflict' })
      assert.deepEqual(await guarded(sampleAccount().id), { outcome: 'conflict' })
    })

    promise('a guard for a session holds until it is removed, or all of its account are', async ({ log }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const [one, other] = [sampleSession(account), sampleSession(account)]
      await log.commit([change({ put: 'session', session: one }), change({ put: 'session', session: other })])
      const guarded = ({ id }: { id: string }): Promise<CommitOutcome> =>
        log.commit([change({ put: 'nothing' }, { guards: [{ guard: 'session-exists', id }] })])
      requireCommitted(await guarded(one))
      await log.commit([change({ remove: 'session', sessionId: one.id })])
      assert.deepEqual(await guarded(one), { outcome: 'conflict' })
      requireCommitted(await guarded(other))
      await log.commit([change({ put: 'account', account, endSessions: true })])
      assert.deepEqual(await guarded(other), { outcome: 'conflict' })
    })

    promise('an account ends its live tokens and what those made, and no others', async ({ log, tokens }) => {
      const [account, other] = [
        await storeAccount({ log }, sampleAccount()),
        await storeAccount({ log }, sampleAccount()),
      ]
      const own = await storeToken({ log }, sampleToken({ accountId: account.id }))
      const made = await storeToken({ log }, sampleToken({ parentTokenId: own.id }))
      const expired = await storeToken({ log }, sampleToken({ accountId: account.id, expiresAt: noon - 1 }))
      const foreign = await storeToken({ log }, sampleToken({ accountId: other.id }))
      const { seq } = requireCommitted(await log.commit([change({ put: 'account', account, endTokens: 'own' })]))
      assert.equal(seq, foreign.changedSeq + 3)
      const endedAt = async ({ id }: { id: `tok_${string}` }) => (await tokens.find(id))?.revokedAt
      assert.deepEqual([await endedAt(own), await endedAt(made)], [noon, noon])
      assert.deepEqual([await endedAt(expired), await endedAt(foreign)], [null, null])
    })

    promise('guards are checked before the first change is written', async ({ log }) => {
      const token = await storeToken({ log }, sampleToken())
      const guards = [{ guard: 'token-unchanged', id: token.id, changedSeq: token.changedSeq }] as const
      const changes = [putToken({ ...token, label: 'a' }, {}, { guards }), change({ put: 'nothing' }, { guards })]
      requireCommitted(await log.commit(changes))
    })

    promise('the first administrator is made once', async ({ log }) => {
      const setUp = (): Promise<CommitOutcome> =>
        log.commit([putAccount(sampleAccount({ role: 'admin' }), { guards: [{ guard: 'no-administrator-yet' }] })])
      const outcomes = await Promise.all([setUp(), setUp(), setUp()])
      assert.deepEqual(outcomes.map(({ outcome }) => outcome).toSorted(), [
        'administrator-exists',
        'administrator-exists',
        'committed',
      ])
    })

    promise('the last active administrator stays one', async ({ log }) => {
      const guards = [{ guard: 'administrator-remains' }] as const
      const [one, other] = [
        await storeAccount({ log }, sampleAccount({ role: 'admin' })),
        await storeAccount({ log }, sampleAccount({ role: 'admin' })),
      ]
      const outcomes = await Promise.all([
        log.commit([putAccount({ ...one, status: 'disabled' }, { guards })]),
        log.commit([putAccount({ ...other, role: 'member' }, { guards })]),
      ])
      assert.deepEqual(outcomes.map(({ outcome }) => outcome).toSorted(), ['committed', 'last-administrator'])
    })

    promise(
      'user names and e-mail addresses are unique without regard to case, external ids as they are',
      async ({ log }) => {
        await storeAccount({ log }, sampleAccount({ username: 'Straße', email: 'Ada@example.org', externalId: 'X1' }))
        const attempt = (fields: Parameters<typeof sampleAccount>[0]): Promise<CommitOutcome> =>
          log.commit([putAccount(sampleAccount(fields))])
        assert.deepEqual(await attempt({ username: 'STRAßE' }), { outcome: 'taken', field: 'username' })
        assert.deepEqual(await attempt({ email: 'ada@EXAMPLE.org' }), { outcome: 'taken', field: 'email' })
        assert.deepEqual(await attempt({ externalId: 'X1' }), { outcome: 'taken', field: 'external_id' })
        requireCommitted(await attempt({ externalId: 'x1' }))
      },
    )

    promise('of accounts with the same identity there is one, however many requests race', async ({ log }) => {
      const identity = { issuer: 'https://login.example.com', subject: '1' }
      const make = (issuer = identity.issuer) =>
        log.commit([putAccount(sampleAccount({ identity: { ...identity, issuer } }))])
      const outcomes = await Promise.all([make(), make(), make()])
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'committed').length, 1)
      const others = outcomes.filter(({ outcome }) => outcome !== 'committed')
      for (const other of others) assert.deepEqual(other, { outcome: 'taken', field: 'identity' })
      requireCommitted(await make('https://other.example.com'))
    })

    promise('an account may keep its own names when it changes', async ({ log }) => {
      const account = await storeAccount({ log }, sampleAccount({ username: 'ada', email: 'a@b.c', externalId: '1' }))
      assert.equal((await storeAccount({ log }, { ...account, username: 'ADA', name: 'Ada L.' })).username, 'ADA')
    })

    describeLimits(promise)
    describeDescendants(promise)

    promise('a follower has seen the entries before the commit answers', async ({ log, source }) => {
      const notes = new Notes()
      source.follow(notes)
      const { seq } = requireCommitted(await log.commit([putToken(sampleToken()), putToken(sampleToken())]))
      assert.deepEqual(
        notes.entries.map((entry) => entry.seq),
        [seq - 1, seq],
      )
      assert.deepEqual(source.position(), { epoch: notes.entries[0]?.epoch, seq })
    })

    promise('every follower sees every entry in order, none twice, none left out', async ({ log, source }) => {
      const followers = [new Notes(), new Notes()]
      for (const follower of followers) source.follow(follower)
      await Promise.all(Array.from({ length: 50 }, () => log.commit([putToken(sampleToken())])))
      for (const { entries } of followers) {
        assert.deepEqual(
          entries.map(({ seq }) => seq),
          Array.from({ length: 50 }, (_, index) => index + 1),
        )
      }
      assert.deepEqual(
        followers[0]!.entries,
        (await log.read({ limit: 100 })).items.toReversed(),
        'what followers see is what the log says',
      )
    })

    promise('an entry says who did what to what, from where, when and with which effect', async ({ log, source }) => {
      const actor = {
        type: 'token',
        accountId: null,
        tokenId: 'tok_0123456789abcdef',
        ip: '192.0.2.1',
        client: 'curl/8',
      } as const
      const details = { label: 'ünïcode "quoted"', count: 2, nested: { b: [null, true], a: 1.5 } }
      const token = sampleToken()
      await log.commit([putToken(token, {}, { at: 5, actor, details, action: 'token.created', effect: 'gives' })])
      const [entry] = (await log.read({ limit: 1 })).items
      assert.deepEqual(entry, {
        epoch: source.position().epoch,
        seq: 1,
        at: 5,
        actor,
        action: 'token.created',
        effect: 'gives',
        subject: { type: 'token', id: token.id },
        details,
      } satisfies LogEntry)
    })

    promise(
      'a change of an account that ends its sessions leaves none, and those of others',
      async ({ log, sessions }) => {
        const [account, other] = [
          await storeAccount({ log }, sampleAccount()),
          await storeAccount({ log }, sampleAccount()),
        ]
        const [ended, kept] = [sampleSession(account), sampleSession(other)]
        await log.commit([change({ put: 'session', session: ended }), change({ put: 'session', session: kept })])
        await log.commit([change({ put: 'account', account, endSessions: true })])
        assert.equal(await sessions.find(ended.id), undefined)
        assert.notEqual(await sessions.find(kept.id), undefined)
      },
    )

    promise(
      'signing in is noted with the account, and changes neither it nor its version',
      async ({ log, accounts }) => {
        const account = await storeAccount({ log }, sampleAccount())
        await log.commit([change({ put: 'session', session: sampleSession(account, { createdAt: 77 }) })])
        assert.deepEqual(await accounts.find(account.id), { ...account, lastSignInAt: 77 })
      },
    )

    promise('a commit with an idempotency key is written once, also of many at the same time', async ({ log }) => {
      const once = { caller: 'acc_1', key: 'k', fingerprint: 'f', at: noon }
      const token = sampleToken()
      const first = requireCommitted(await log.commit([putToken(token)], once))
      assert.equal(first.seq, 1)
      const repeated = { outcome: 'repeated', first: { ...once, subjectType: 'token', subjectId: token.id } }
      assert.deepEqual(await log.commit([putToken(sampleToken())], once), repeated)
      const racing = await Promise.all(
        Array.from({ length: 10 }, () => log.commit([putToken(sampleToken())], { ...once, key: 'other' })),
      )
      assert.equal(racing.filter(({ outcome }) => outcome === 'committed').length, 1)
      assert.equal(racing.filter(({ outcome }) => outcome === 'repeated').length, 9)
    })

    promise('a refused commit leaves its idempotency key free', async ({ log }) => {
      const once = { caller: 'acc_1', key: 'k', fingerprint: 'f', at: noon }
      const stale = { ...sampleToken(), changedSeq: 9 }
      assert.equal((await log.commit([putToken(stale)], once)).outcome, 'conflict')
      requireCommitted(await log.commit([putToken(sampleToken())], once))
    })

    promise('the log is read newest first, in pages that neither repeat nor leave out', async ({ log }) => {
      for (let i = 0; i < 7; i += 1) await storeToken({ log }, sampleToken())
      const entries = await allPages((after) => log.read({ limit: 3, ...(after && { after }) }))
      assert.deepEqual(
        entries.map(({ seq }) => seq),
        [7, 6, 5, 4, 3, 2, 1],
      )
    })

    promise('the log is read by actor, subject, action and time', async ({ log }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const actor = { type: 'session', accountId: account.id, tokenId: null, ip: null, client: null } as const
      const token = sampleToken({ accountId: account.id })
      await log.commit([putToken(token, {}, { actor, action: 'token.created', at: 10 })])
      await log.commit([putToken(sampleToken(), {}, { action: 'token.suspended', at: 20 })])
      const seqs = async (query: object): Promise<number[]> =>
        (await log.read({ limit: 10, ...query })).items.map(({ seq }) => seq)
      assert.deepEqual(await seqs({ actorId: account.id }), [2])
      assert.deepEqual(await seqs({ subjectId: token.id }), [2])
      assert.deepEqual(await seqs({ action: 'token.suspended' }), [3])
      assert.deepEqual(await seqs({ from: 10, until: 20 }), [2])
      assert.deepEqual(await seqs({ from: 20, until: 21 }), [3])
      assert.deepEqual(await seqs({ actorId: 'tok_0123456789abcdef' }), [])
    })

    promise('what concerns an account is what it did, what was done to it and to its tokens', async ({ log }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const other = await storeAccount({ log }, sampleAccount())
      const actor = { type: 'session', accountId: account.id, tokenId: null, ip: null, client: null } as const
      const own = await storeToken({ log }, sampleToken({ accountId: account.id }))
      await storeToken({ log }, sampleToken({ accountId: other.id }))
      await log.commit([putAccount({ ...other, name: 'changed' }, { actor })])
      await log.commit([change({ put: 'nothing' }, { subject: { type: 'token', id: own.id }, actor })])
      const concerning = await allPages((after) =>
        log.read({ concerning: account.id, limit: 2, ...(after && { after }) }),
      )
      assert.deepEqual(
        concerning.map(({ seq }) => seq),
        [6, 5, 3, 1],
      )
    })
  })
}

type Define = Parameters<Parameters<typeof describePort>[3]>[0]

function describeLimits(promise: Define): void {
  const five = { permanentMax: 5, liveMax: 1_000 }
  const permanent = (fields = {}): ReturnType<typeof sampleToken> => sampleToken({ expiresAt: null, ...fields })

  promise('of 60 simultaneous permanent creations exactly five are written', async ({ log, tokens }) => {
    const account = await storeAccount({ log }, sampleAccount())
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, () => log.commit([putToken(permanent({ accountId: account.id }), { limits: five })])),
    )
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'committed').length, 5)
    const refused = outcomes.filter(({ outcome }) => outcome === 'permanent-limit')
    assert.equal(refused.length, 55)
    assert.deepEqual(refused[0], { outcome: 'permanent-limit', inUse: 5, max: 5 })
    assert.equal(await tokens.count({ accountId: account.id, now: noon }, 100), 5)
  })

  promise('each account, and the deployment itself, has permanent tokens of its own', async ({ log }) => {
    const limits = { permanentMax: 1, liveMax: 10 }
    const accounts = [await storeAccount({ log }, sampleAccount()), await storeAccount({ log }, sampleAccount())]
    for (const accountId of [accounts[0]!.id, accounts[1]!.id, null]) {
      await storeToken({ log }, permanent({ accountId }), { limits })
      const again = await log.commit([putToken(permanent({ accountId }), { limits })])
      assert.equal(again.outcome, 'permanent-limit')
    }
  })

  promise(
    'a revoked token and one that becomes temporary free their place; a suspended one keeps it',
    async ({ log }) => {
      const limits = { permanentMax: 1, liveMax: 10 }
      const attempt = (): Promise<CommitOutcome> => log.commit([putToken(permanent(), { limits })])
      const first = await storeToken({ log }, permanent(), { limits })
      const suspended = await storeToken({ log }, { ...first, isActive: false })
      assert.equal((await attempt()).outcome, 'permanent-limit')
      await storeToken({ log }, revoked(suspended, noon, 'x'))
      const second = requireCommitted(await attempt()).written[0]
      assert.ok(second?.type === 'token')
      await storeToken({ log }, { ...second.token, expiresAt: noon + 1 })
      requireCommitted(await attempt())
    },
  )

  promise('a token that becomes permanent needs a place', async ({ log }) => {
    const limits = { permanentMax: 1, liveMax: 10 }
    const temporary = await storeToken({ log }, sampleToken(), { limits })
    await storeToken({ log }, permanent(), { limits })
    const outcome = await log.commit([putToken({ ...temporary, expiresAt: null }, { limits })])
    assert.deepEqual(outcome, { outcome: 'permanent-limit', inUse: 1, max: 1 })
  })

  promise('a token that counted before is never refused, also when a limit was lowered since', async ({ log }) => {
    const stored = [await storeToken({ log }, permanent()), await storeToken({ log }, permanent())]
    const lowered = { permanentMax: 1, liveMax: 1 }
    for (const token of stored) await storeToken({ log }, { ...token, label: 'renamed' }, { limits: lowered })
    const outcome = await log.commit([putToken(permanent(), { limits: lowered })])
    assert.deepEqual(outcome, { outcome: 'permanent-limit', inUse: 2, max: 1 })
  })

  promise('live tokens are counted exactly, without those that are revoked or expired', async ({ log }) => {
    const limits = { permanentMax: 5, liveMax: 3 }
    const first = await storeToken({ log }, sampleToken(), { limits })
    await storeToken({ log }, sampleToken({ expiresAt: noon }), { limits })
    const outcomes = await Promise.all(
      Array.from({ length: 9 }, () => log.commit([putToken(sampleToken(), { limits })])),
    )
    assert.equal(outcomes.filter(({ outcome }) => outcome === 'committed').length, 2)
    assert.deepEqual(
      outcomes.find(({ outcome }) => outcome === 'live-limit'),
      { outcome: 'live-limit', inUse: 3, max: 3 },
    )
    await storeToken({ log }, revoked(first, noon, 'x'))
    await storeToken({ log }, sampleToken(), { limits })
  })
}

function describeDescendants(promise: Define): void {
  promise(
    'revoking with descendants ends all that a token made, each with a row of its own',
    async ({ log, tokens, source }) => {
      const parent = await storeToken({ log }, sampleToken())
      const child = await storeToken({ log }, sampleToken({ parentTokenId: parent.id }))
      const grandchild = await storeToken({ log }, sampleToken({ parentTokenId: child.id, isActive: false }))
      const stranger = await storeToken({ log }, sampleToken())
      const notes = new Notes()
      source.follow(notes)
      const ended = revoked(parent, noon + 1, 'stolen')
      await log.commit([
        putToken(ended, { descendants: 'revoke' }, { at: noon + 1, action: 'token.revoked', effect: 'takes' }),
      ])
      for (const { id } of [parent, child, grandchild]) {
        const { revokedAt, revokedReason } = (await tokens.find(id))!
        assert.deepEqual([revokedAt, revokedReason], [noon + 1, 'stolen'])
      }
      assert.equal((await tokens.find(stranger.id))?.revokedAt, null)
      assert.deepEqual(
        notes.entries.map(({ subject, action, effect, details }) => ({ id: subject.id, action, effect, details })),
        [
          { id: parent.id, action: 'token.revoked', effect: 'takes', details: {} },
          ...[child, grandchild].map(({ id }) => ({
            id,
            action: 'token.revoked',
            effect: 'takes',
            details: { reason: 'stolen', because: 'parent', parent_token_id: parent.id },
          })),
        ],
      )
      assert.equal((await tokens.find(grandchild.id))?.changedSeq, source.position().seq)
    },
  )

  promise('a descendant that was revoked before stays as it was', async ({ log, tokens }) => {
    const parent = await storeToken({ log }, sampleToken())
    const child = await storeToken({ log }, sampleToken({ parentTokenId: parent.id }))
    const grandchild = await storeToken({ log }, sampleToken({ parentTokenId: child.id }))
    await storeToken({ log }, revoked(child, 1, 'earlier'))
    await storeToken({ log }, revoked(parent, noon, 'later'), { descendants: 'revoke', limits: plenty })
    assert.equal((await tokens.find(child.id))?.revokedReason, 'earlier')
    assert.equal((await tokens.find(grandchild.id))?.revokedReason, 'later')
  })

  promise('revoking without descendants leaves them alive', async ({ log, tokens }) => {
    const parent = await storeToken({ log }, sampleToken())
    const child = await storeToken({ log }, sampleToken({ parentTokenId: parent.id }))
    await storeToken({ log }, revoked(parent, noon, 'x'))
    assert.equal((await tokens.find(child.id))?.revokedAt, null)
  })
}
