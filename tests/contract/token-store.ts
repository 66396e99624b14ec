import assert from 'node:assert/strict'
import {
  addressesPerHourMax,
  ancestorsMax,
  dayMs,
  hourMs,
  initialSettings,
  minuteMs,
  ownerOf,
  revoked,
  statusOf,
  tokenSorts,
  tokenStatuses,
  unused,
  type Hours,
  type ObservedUse,
  type ProjectId,
  type Token,
  type TokenQuery,
} from '@chatelaine/core'
import {
  allPages,
  change,
  noon,
  sampleAccount,
  sampleProject,
  sampleToken,
  storeAccount,
  storeProject,
  storeToken,
} from '../../packages/storage/test/samples.ts'
import { describePort, type OpenStorage, type Subject, type SuiteOptions } from './suite.ts'

/** The promises of `TokenStore`. */
export function describeTokenStore(open: OpenStorage, options: SuiteOptions): void {
  describePort('TokenStore', open, options, (promise) => {
    promise('a token is found as it was written, with every field', async ({ log, tokens }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const token = sampleToken({
        accountId: account.id,
        label: 'ünïcode "quoted" 日本',
        scopes: ['*', 'data:read'],
        allowedIps: ['192.0.2.0/24', '2001:db8::/32'],
        metadata: { b: [1, null, { c: true }], a: 'text' },
        createdBy: account.id,
        parentTokenId: 'tok_0123456789abcdef',
        notBefore: noon + 1,
        isActive: false,
      })
      await storeToken({ log }, token)
      assert.deepEqual(await tokens.find(token.id), { ...token, serial: 1, changedSeq: 2 })
    })

    promise('an id that does not exist finds nothing', async ({ tokens }) => {
      assert.equal(await tokens.find('tok_0000000000000000'), undefined)
      assert.equal(await tokens.findStanding('tok_0000000000000000'), undefined)
      assert.equal(await tokens.hasLiveDescendants('tok_0000000000000000', noon), false)
    })

    promise('a read sees every change whose commit was answered before it began', async ({ log, tokens }) => {
      let token = await storeToken({ log }, sampleToken())
      for (let i = 0; i < 20; i += 1) {
        token = await storeToken({ log }, { ...token, label: `${i}` })
        assert.equal((await tokens.find(token.id))?.label, `${i}`)
      }
    })

    promise('a standing is the token with its owner, or with none for managers', async ({ log, tokens }) => {
      const account = await storeAccount({ log }, sampleAccount({ externalId: 'u1', status: 'disabled' }))
      const token = await storeToken({ log }, sampleToken({ accountId: account.id }))
      const manager = await storeToken({ log }, sampleToken())
      assert.deepEqual(await tokens.findStanding(token.id), {
        token,
        owner: ownerOf(account),
        memberOf: null,
        ancestors: [],
        settings: initialSettings,
        projectPolicy: undefined,
      })
      assert.deepEqual(await tokens.findStanding(manager.id), {
        token: manager,
        owner: null,
        memberOf: null,
        ancestors: [],
        settings: initialSettings,
        projectPolicy: undefined,
      })
    })

    promise(
      'a standing names the tokens above with their limits, nearest first, up to the first that a manager made',
      async ({ log, tokens }) => {
        const rate = (limit: number) => ({ limit, windowSeconds: 60 })
        const below = async (parent: Token | null, fields: Partial<Token>) =>
          storeToken({ log }, sampleToken({ parentTokenId: parent?.id ?? null, ...fields }))
        const account = await storeAccount({ log }, sampleAccount())
        const own = { kind: 'account', accountId: account.id, createdBy: account.id } as const
        const manager = await below(null, { kind: 'manager', rateLimit: rate(1) })
        const first = await below(manager, { ...own, createdBy: null, rateLimit: rate(2) })
        const second = await below(first, own)
        const third = await below(second, { ...own, rateLimit: rate(3) })
        const last = await below(third, { ...own, rateLimit: rate(4) })
        const above = async ({ id }: Token) => (await tokens.findStanding(id))?.ancestors
        assert.deepEqual(await above(first), [])
        assert.deepEqual(await above(last), [
          { id: third.id, rateLimit: rate(3) },
          { id: second.id, rateLimit: null },
          { id: first.id, rateLimit: rate(2) },
        ])
        await log.commit([change({ remove: 'token', token: manager })])
        assert.equal((await above(last))?.length, 3)
        await log.commit([change({ remove: 'token', token: first })])
        assert.equal(await above(last), undefined)
      },
    )

    promise('a token has no standing that has more above it than are looked for', async ({ log, tokens }) => {
      const account = await storeAccount({ log }, sampleAccount())
      const own = { accountId: account.id, createdBy: account.id }
      let token = await storeToken({ log }, sampleToken(own))
      for (let above = 1; above <= ancestorsMax; above += 1) {
        token = await storeToken({ log }, sampleToken({ ...own, parentTokenId: token.id }))
      }
      assert.equal((await tokens.findStanding(token.id))?.ancestors.length, ancestorsMax)
      const { id } = await storeToken({ log }, sampleToken({ ...own, parentTokenId: token.id }))
      assert.equal(await tokens.findStanding(id), undefined)
    })

    promise(
      'a standing names the project asked about, if it is active and has the account as a member',
      async ({ log, tokens }) => {
        const [account, stranger] = [
          await storeAccount({ log }, sampleAccount()),
          await storeAccount({ log }, sampleAccount()),
        ]
        const own = await storeProject({ log }, sampleProject([account]))
        const archived = await storeProject({ log }, sampleProject([account], { status: 'archived' }))
        const foreign = await storeProject({ log }, sampleProject([stranger]))
        const { id } = await storeToken({ log }, sampleToken({ accountId: account.id }))
        const memberOf = async (projectId?: ProjectId): Promise<ProjectId | null | undefined> =>
          (await tokens.findStanding(id, projectId))?.memberOf
        assert.equal(await memberOf(own.id), own.id)
        for (const projectId of [archived.id, foreign.id, 'prj_0000000000000000', undefined] as const) {
          assert.equal(await memberOf(projectId), null)
        }
      },
    )

    describeLists(promise)

    promise('counting stops where it was told to', async ({ log, tokens }) => {
      for (let i = 0; i < 5; i += 1) await storeToken({ log }, sampleToken())
      assert.equal(await tokens.count({ now: noon }, 100), 5)
      assert.equal(await tokens.count({ now: noon }, 3), 3)
    })

    promise('by key come the live tokens whose digest was made under it', async ({ log, tokens }) => {
      const old = await storeToken({ log }, sampleToken({ digest: 'old:abc' }))
      const suspended = await storeToken({ log }, sampleToken({ digest: 'old:def', isActive: false }))
      await storeToken({ log }, sampleToken({ digest: 'new:abc' }))
      await storeToken({ log }, sampleToken({ digest: 'older:abc' }))
      await storeToken({ log }, sampleToken({ digest: 'old:ghi', expiresAt: noon }))
      await storeToken({ log }, revoked(await storeToken({ log }, sampleToken({ digest: 'old:jkl' })), noon, 'x'))
      assert.deepEqual(await tokens.listByKey('old', noon, 10), [old, suspended])
      assert.deepEqual(await tokens.listByKey('old', noon, 1), [old])
    })

    promise('a live descendant is found however far down, past those that ended', async ({ log, tokens }) => {
      const parent = await storeToken({ log }, sampleToken())
      const child = await storeToken({ log }, sampleToken({ parentTokenId: parent.id }))
      const grandchild = await storeToken({ log }, sampleToken({ parentTokenId: child.id, isActive: false }))
      await storeToken({ log }, revoked(child, noon, 'x'))
      assert.equal(await tokens.hasLiveDescendants(parent.id, noon), true)
      assert.equal(await tokens.hasLiveDescendants(parent.id, grandchild.expiresAt!), false)
      assert.equal(await tokens.hasLiveDescendants(grandchild.id, noon), false)
      await storeToken({ log }, revoked(grandchild, noon, 'x'))
      assert.equal(await tokens.hasLiveDescendants(parent.id, noon), false)
    })

    promise('ended tokens come oldest first, by what ended them first', async ({ log, tokens }) => {
      const expired = await storeToken({ log }, sampleToken({ expiresAt: 200 }))
      const both = await storeToken(
        { log },
        revoked(await storeToken({ log }, sampleToken({ expiresAt: 900 })), 100, 'x'),
      )
      const late = await storeToken({ log }, sampleToken({ expiresAt: 300 }))
      await storeToken({ log }, sampleToken({ expiresAt: null }))
      assert.deepEqual(await tokens.listEnded(300, 10), [both, expired])
      assert.deepEqual(await tokens.listEnded(301, 10), [both, expired, late])
      assert.deepEqual(await tokens.listEnded(301, 1), [both])
    })

    promise('a token that ended is left out while anything it made is there', async ({ log, tokens }) => {
      const parent = await storeToken({ log }, sampleToken({ expiresAt: 100 }))
      const child = await storeToken({ log }, sampleToken({ expiresAt: 200, parentTokenId: parent.id }))
      assert.deepEqual(await tokens.listEnded(300, 10), [child])
      await log.commit([change({ remove: 'token', token: child })])
      assert.deepEqual(await tokens.listEnded(300, 10), [parent])
    })

    promise(
      'uses add up, in whatever order they come, and leave no entry in the log',
      async ({ log, tokens, source }) => {
        const token = await storeToken({ log }, sampleToken())
        const newest = { tokenId: token.id, secret: 'newest' } as const
        const use = { ...newest, firstAt: 50, lastAt: 60, lastIp: '192.0.2.1', lastClient: 'curl/8', count: 2 }
        await tokens.recordUses([use])
        await tokens.recordUses([{ ...use, firstAt: 10, lastAt: 20, lastIp: '192.0.2.2', lastClient: 'old', count: 3 }])
        await tokens.recordUses([{ ...use, firstAt: 70, lastAt: 80, lastIp: null, lastClient: null, count: 1 }])
        const expected = { ...unused, firstAt: 10, lastAt: 80, lastIp: null, lastClient: null, count: 6 }
        assert.deepEqual(await tokens.find(token.id), { ...token, use: expected })
        assert.equal(source.position().seq, 1)
      },
    )

    promise(
      'of an old secret its own last use is noted besides, in whatever order uses come',
      async ({ log, tokens }) => {
        const token = await storeToken({ log }, sampleToken())
        const use = { tokenId: token.id, firstAt: 50, lastAt: 60, lastIp: '192.0.2.1', lastClient: null, count: 1 }
        await tokens.recordUses([{ ...use, secret: 'old' }])
        await tokens.recordUses([{ ...use, secret: 'newest', lastAt: 90, lastIp: '192.0.2.9' }])
        await tokens.recordUses([{ ...use, secret: 'old', lastAt: 55, lastIp: '192.0.2.5' }])
        const { lastAt, lastIp, oldLastAt, oldLastIp, count } = (await tokens.find(token.id))!.use
        assert.deepEqual([lastAt, lastIp, oldLastAt, oldLastIp, count], [90, '192.0.2.9', 60, '192.0.2.1', 3])
      },
    )

    promise('of many reservations none takes a use that another took, and none more than are left', async (subject) => {
      const { log, tokens, source } = subject
      const { id } = await storeToken({ log }, sampleToken({ usesGranted: 7 }))
      const taken = await Promise.all(Array.from({ length: 10 }, () => tokens.reserveUses(id, 2)))
      assert.deepEqual(
        taken.map(({ reserved, left }) => [reserved, left]),
        [[2, 5], [2, 3], [2, 1], [1, 0], ...Array.from({ length: 6 }, () => [0, 0])],
      )
      assert.equal((await tokens.find(id))?.use.left, 0)
      assert.equal(source.position().seq, 1)
    })

    promise('uses that are given back can be taken again, never more than were granted', async ({ log, tokens }) => {
      const { id } = await storeToken({ log }, sampleToken({ usesGranted: 3 }))
      await tokens.reserveUses(id, 3)
      await tokens.returnUses(id, 2)
      assert.deepEqual(await tokens.reserveUses(id, 1), { reserved: 1, left: 1 })
      await tokens.returnUses(id, 100)
      assert.equal((await tokens.find(id))?.use.left, 3)
    })

    promise('a token without a number of uses, or that is gone, has none to reserve', async ({ log, tokens }) => {
      const { id } = await storeToken({ log }, sampleToken())
      assert.deepEqual(await tokens.reserveUses(id, 1), { reserved: 0, left: 0 })
      assert.deepEqual(await tokens.reserveUses('tok_0000000000000000', 1), { reserved: 0, left: 0 })
      assert.equal((await tokens.find(id))?.use.left, null)
    })

    promise('uses of a token that is gone are passed over', async ({ log, tokens }) => {
      const token = await storeToken({ log }, sampleToken())
      const use = { secret: 'newest', firstAt: 1, lastAt: 1, lastIp: null, lastClient: null, count: 1 } as const
      await tokens.recordUses([
        { ...use, tokenId: 'tok_0000000000000000' },
        { ...use, tokenId: token.id },
      ])
      assert.equal((await tokens.find(token.id))?.use.count, 1)
    })

    describeAddresses(promise)

    promise('a change leaves what was observed as it is', async ({ log, tokens }) => {
      const token = await storeToken({ log }, sampleToken())
      const observed = { firstAt: 1, lastAt: 2, lastIp: null, lastClient: null, count: 4 }
      await tokens.recordUses([{ tokenId: token.id, secret: 'newest', ...observed }])
      const renamed = await storeToken({ log }, { ...token, label: 'renamed' })
      assert.equal(renamed.use.count, 4)
      assert.deepEqual(await tokens.find(token.id), renamed)
    })

    promise('a removed token is gone', async ({ log, tokens }) => {
      const token = await storeToken({ log }, sampleToken())
      await log.commit([change({ remove: 'token', token })])
      assert.equal(await tokens.find(token.id), undefined)
      assert.equal(await tokens.count({ now: noon }, 10), 0)
    })
  })
}

type Define = Parameters<Parameters<typeof describePort>[3]>[0]

const wholeDay: Hours = { from: noon - 12 * hourMs, until: noon + 12 * hourMs }

/** Uses from one address in the hour that begins at noon. */
function usesFrom({ id }: Token, lastIp: string | null, count: number, more: Partial<ObservedUse> = {}): ObservedUse {
  return { tokenId: id, secret: 'newest', firstAt: noon, lastAt: noon, lastIp, lastClient: null, count, ...more }
}

function describeAddresses(promise: Define): void {
  promise('uses are counted by the address that they came from, those with the most first', async (subject) => {
    const { tokens, source } = subject
    const [token, other] = [await storeToken(subject, sampleToken()), await storeToken(subject, sampleToken())]
    const seq = source.position().seq
    await tokens.recordUses([
      usesFrom(token, '192.0.2.1', 2),
      usesFrom(token, '2001:db8::1', 7, { lastClient: 'curl/8' }),
      usesFrom(token, null, 3, { lastClient: 'node' }),
      usesFrom(other, '192.0.2.9', 100),
    ])
    await tokens.recordUses([usesFrom(token, '192.0.2.1', 3)])
    const nothingElse = { lastAt: noon, oldLastAt: null }
    assert.deepEqual(await tokens.usedFrom(token.id, wholeDay, 10), {
      addresses: [
        { ip: '2001:db8::1', client: 'curl/8', count: 7, ...nothingElse },
        { ip: '192.0.2.1', client: null, count: 5, ...nothingElse },
        { ip: null, client: 'node', count: 3, ...nothingElse },
      ],
      addressCount: 2,
      areMore: false,
      elsewhere: 0,
    })
    assert.equal((await tokens.find(token.id))?.use.count, 15)
    assert.equal(source.position().seq, seq)
  })

  promise(
    'of an address the latest use counts, and that of an old secret besides, in whatever order',
    async (subject) => {
      const { tokens } = subject
      const token = await storeToken(subject, sampleToken())
      const at = (minute: number, more: Partial<ObservedUse>) =>
        usesFrom(token, '192.0.2.1', 1, {
          firstAt: noon + minute * minuteMs,
          lastAt: noon + minute * minuteMs,
          ...more,
        })
      await tokens.recordUses([at(5, { secret: 'old', lastClient: 'five' }), at(70, { lastClient: 'seventy' })])
      await tokens.recordUses([at(9, { lastClient: 'nine' })])
      await tokens.recordUses([at(3, { secret: 'old', lastClient: 'three' })])
      const used = { ip: '192.0.2.1', client: 'seventy', count: 4, lastAt: noon + 70 * minuteMs }
      const { addresses } = await tokens.usedFrom(token.id, wholeDay, 10)
      assert.deepEqual(addresses, [{ ...used, oldLastAt: noon + 5 * minuteMs }])
      const firstHour = { from: noon, until: noon + hourMs }
      const [ofFirstHour] = (await tokens.usedFrom(token.id, firstHour, 10)).addresses
      assert.deepEqual([ofFirstHour?.client, ofFirstHour?.count], ['nine', 3])
    },
  )

  promise('from where a token was used is told of the hours that are asked for, and of no others', async (subject) => {
    const { tokens } = subject
    const token = await storeToken(subject, sampleToken())
    const hours = [-100, -1, 0, 1, 2, 90].map((hour) => noon + hour * hourMs)
    await tokens.recordUses(
      hours.map((at, index) => usesFrom(token, `192.0.2.${index}`, 1, { firstAt: at, lastAt: at })),
    )
    const asked = async (from: number, until: number) => {
      const { addresses, addressCount } = await tokens.usedFrom(token.id, { from, until }, 10)
      assert.equal(addressCount, addresses.length)
      return addresses.map(({ ip }) => ip)
    }
    assert.deepEqual(await asked(noon, noon + 2 * hourMs), ['192.0.2.2', '192.0.2.3'])
    assert.equal((await asked(noon - 7 * dayMs, noon + 7 * dayMs)).length, 6)
    assert.deepEqual(await asked(noon + hourMs, noon + hourMs), [])
  })

  promise('addresses beyond those that are told apart in an hour are counted together', async (subject) => {
    const { tokens } = subject
    const token = await storeToken(subject, sampleToken())
    const everyFrom = (hour: number) =>
      Array.from({ length: addressesPerHourMax + 6 }, (_, index) =>
        usesFrom(token, `192.0.2.${index}`, 1, { firstAt: noon + hour * hourMs, lastAt: noon + hour * hourMs }),
      )
    await tokens.recordUses(everyFrom(0).slice(0, 10))
    await tokens.recordUses(everyFrom(0))
    const { addresses, ...rest } = await tokens.usedFrom(token.id, wholeDay, 1_000)
    assert.deepEqual(rest, { addressCount: addressesPerHourMax, areMore: true, elsewhere: 6 })
    assert.deepEqual(
      addresses.slice(8, 12).map(({ count }) => count),
      [2, 2, 1, 1],
    )
    // Another hour has room of its own, and uses that came together are of no address.
    await tokens.recordUses([...everyFrom(1).slice(60, 66), usesFrom(token, '192.0.2.1', 5, { isOfSeveral: true })])
    const both = await tokens.usedFrom(token.id, wholeDay, 12)
    assert.deepEqual(
      both.addresses.map(({ count }) => count),
      Array(12).fill(2),
    )
    const useCount = 10 + (addressesPerHourMax + 6) + 6 + 5
    assert.deepEqual([both.addressCount, both.elsewhere], [addressesPerHourMax + 2, useCount - 12 * 2])
  })

  promise('what was counted by address in hours before an instant is removed, and nothing else', async (subject) => {
    const { tokens, source } = subject
    const token = await storeToken(subject, sampleToken())
    const old = Array.from({ length: 700 }, (_, index) => noon - (index + 1) * hourMs)
    await tokens.recordUses([
      ...old.map((at) => usesFrom(token, '192.0.2.1', 1, { firstAt: at, lastAt: at })),
      usesFrom(token, '192.0.2.2', 8),
    ])
    const seq = source.position().seq
    await tokens.forgetAddressesBefore(noon)
    const left = await tokens.usedFrom(token.id, { from: noon - 800 * hourMs, until: noon + hourMs }, 10)
    assert.deepEqual(
      left.addresses.map(({ ip, count }) => [ip, count]),
      [['192.0.2.2', 8]],
    )
    assert.equal((await tokens.find(token.id))?.use.count, 708)
    assert.equal(source.position().seq, seq)
  })

  promise('a token that is gone was used from nowhere, and its uses count no more', async (subject) => {
    const { log, tokens } = subject
    const token = await storeToken(subject, sampleToken())
    await tokens.recordUses([usesFrom(token, '192.0.2.1', 1)])
    await log.commit([change({ remove: 'token', token })])
    await tokens.recordUses([usesFrom(token, '192.0.2.1', 1)])
    const nowhere = { addresses: [], addressCount: 0, areMore: false, elsewhere: 0 }
    assert.deepEqual(await tokens.usedFrom(token.id, wholeDay, 10), nowhere)
  })
}

function describeLists(promise: Define): void {
  promise('every sort gives each token once, in order, over pages of any size', async (subject) => {
    const stored = await storeVaried(subject)
    for (const sort of tokenSorts) {
      for (const descending of [false, true]) {
        const query = { sort, descending, now: noon }
        const whole = (await subject.tokens.list({ ...query, limit: 200 })).items
        assert.deepEqual(
          whole.map(({ serial }) => serial).toSorted((a, b) => a - b),
          stored.map(({ serial }) => serial),
        )
        assertSorted(whole, query)
        for (const limit of [1, 4]) {
          const paged = await allPages((after) => subject.tokens.list({ ...query, limit, ...(after && { after }) }))
          assert.deepEqual(paged, whole)
        }
      }
    }
  })

  promise('a page that ends the list says so', async (subject) => {
    const stored = await storeVaried(subject)
    const query = { sort: 'created_at', descending: false, now: noon } as const
    assert.equal((await subject.tokens.list({ ...query, limit: stored.length })).next, undefined)
    assert.notEqual((await subject.tokens.list({ ...query, limit: stored.length - 1 })).next, undefined)
  })

  promise('statuses are told at the instant that the query names', async (subject) => {
    const stored = await storeVaried(subject)
    for (const now of [noon, noon + 5, noon + 1_000]) {
      for (const status of tokenStatuses) {
        const expected = stored.filter((token) => statusOf(token, now) === status)
        const found = await subject.tokens.list({
          statuses: [status],
          now,
          sort: 'created_at',
          descending: false,
          limit: 99,
        })
        assert.deepEqual(serials(found.items), serials(expected), `${status} at noon + ${now - noon}`)
      }
    }
    assert.equal(await subject.tokens.count({ statuses: [], now: noon }, 99), 0)
  })

  promise('filters leave out what does not fit, alone and together', async (subject) => {
    const stored = await storeVaried(subject)
    const { accountId } = stored.find((token) => token.accountId !== null)!
    const count = (filters: Partial<TokenQuery>): Promise<number> => subject.tokens.count({ ...filters, now: noon }, 99)
    const matching = (fits: (token: Token) => boolean): number => stored.filter(fits).length
    assert.equal(
      await count({ accountId: accountId! }),
      matching((token) => token.accountId === accountId),
    )
    assert.equal(
      await count({ kind: 'manager' }),
      matching(({ kind }) => kind === 'manager'),
    )
    assert.equal(
      await count({ permanent: true }),
      matching(({ expiresAt }) => expiresAt === null),
    )
    assert.equal(
      await count({ permanent: false }),
      matching(({ expiresAt }) => expiresAt !== null),
    )
    assert.equal(
      await count({ origin: 'cli' }),
      matching(({ origin }) => origin === 'cli'),
    )
    assert.equal(await count({ exceptId: stored[0]!.id }), stored.length - 1)
    const middle = stored.map(({ expiresAt }) => expiresAt ?? Infinity).toSorted((a, b) => a - b)[stored.length >> 1]!
    assert.equal(
      await count({ expiresBefore: middle }),
      matching(({ expiresAt }) => expiresAt !== null && expiresAt < middle),
    )
    const found = await Promise.all(stored.map(({ id }) => subject.tokens.find(id)))
    const lastUses = found.map((token) => token?.use.lastAt ?? null)
    assert.equal(await count({ neverUsed: true }), lastUses.filter((lastAt) => lastAt === null).length)
    const latest = Math.max(...lastUses.map((lastAt) => lastAt ?? 0), ...stored.map(({ createdAt }) => createdAt))
    assert.equal(
      await count({ unusedSince: latest }),
      found.filter((token) => (token?.use.lastAt ?? 0) < latest && token!.createdAt < latest).length,
    )
    assert.equal(await count({ serial: stored[1]!.serial }), 1)
    assert.equal(await count({ uuid: stored[1]!.uuid, serial: stored[1]!.serial }), 1)
    assert.equal(await count({ uuid: stored[1]!.uuid, serial: stored[0]!.serial }), 0)
    assert.equal(
      await count({ kind: 'manager', origin: 'cli', permanent: true }),
      matching(({ kind, origin, expiresAt }) => kind === 'manager' && origin === 'cli' && expiresAt === null),
    )
  })

  promise(
    'text is looked for in labels and at the beginning of starts, without regard to case, and means itself',
    async ({ log, tokens }) => {
      const labels = ['Größe', '100% sure', 'a_b', "o'brien", 'back\\slash']
      const stored = await Promise.all(labels.map((label) => storeToken({ log }, sampleToken({ label }))))
      const found = async (text: string): Promise<string[]> => {
        const page = await tokens.list({ text, now: noon, sort: 'label', descending: false, limit: 99 })
        return page.items.map(({ label }) => label)
      }
      assert.deepEqual(await found('GRÖSSE'), [])
      assert.deepEqual(await found('GRÖ'), ['Größe'])
      assert.deepEqual(await found('%'), ['100% sure'])
      assert.deepEqual(await found('A_B'), ['a_b'])
      assert.deepEqual(await found("'"), ["o'brien"])
      assert.deepEqual(await found('\\'), ['back\\slash'])
      assert.deepEqual(await found(stored[0]!.start.toUpperCase()), ['Größe'])
      assert.deepEqual(await found(stored[0]!.start.slice(1)), [])
    },
  )
}

function serials(tokens: readonly Token[]): number[] {
  return tokens.map(({ serial }) => serial).toSorted((a, b) => a - b)
}

/** Tokens that tie and differ in everything that lists sort and filter by. */
async function storeVaried({ log, tokens }: Pick<Subject, 'log' | 'tokens'>): Promise<Token[]> {
  const account = await storeAccount({ log }, sampleAccount())
  const stored: Token[] = []
  for (let i = 0; i < 12; i += 1) {
    const token = await storeToken(
      { log },
      sampleToken({
        accountId: i % 3 === 0 ? account.id : null,
        label: ['Beta', 'alpha', 'beta', 'Ärger'][i % 4]!,
        createdAt: noon + (i % 5),
        expiresAt: [null, noon + 5, noon + 100][i % 3]!,
        isActive: i % 6 !== 1,
        origin: i % 2 === 0 ? 'cli' : 'api',
      }),
    )
    stored.push(i % 7 === 3 ? await storeToken({ log }, revoked(token, noon, 'x')) : token)
  }
  await tokens.recordUses(
    stored.slice(0, 4).map(({ id }, i) => ({
      tokenId: id,
      secret: 'newest',
      firstAt: 1,
      lastAt: noon + (i % 3),
      lastIp: null,
      lastClient: null,
      count: 1,
    })),
  )
  return stored
}

/** "Never" is after every expiry and before every use; labels go without regard to case; ties go by serial. */
function assertSorted(tokens: readonly Token[], { sort, descending }: Pick<TokenQuery, 'sort' | 'descending'>): void {
  const key = (token: Token): number | string => {
    if (sort === 'label') return token.label.normalize('NFKC').toLowerCase()
    if (sort === 'created_at') return token.createdAt
    return sort === 'expires_at' ? (token.expiresAt ?? Infinity) : (token.use.lastAt ?? 0)
  }
  const keys = tokens.map((token) => ({ value: key(token), serial: token.serial }))
  const sorted = keys.toSorted((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : a.serial - b.serial))
  assert.deepEqual(keys, descending ? sorted.toReversed() : sorted, `by ${sort}`)
}
