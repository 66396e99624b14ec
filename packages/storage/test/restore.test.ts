import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultPolicy, replaced, revoked, type Change, type Token } from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import {
  dataFiles,
  journalFile,
  previewRestore,
  restoreSqlite,
  type RestoreOptions,
  type SqliteStorage,
} from '@chatelaine/storage/sqlite'
import { makePlace, random, within, type Place } from './opened.ts'
import {
  change,
  noon,
  putToken,
  sampleAccount,
  sampleProject,
  sampleSession,
  sampleToken,
  storeAccount,
  storeProject,
  storeToken,
} from './samples.ts'

const later = noon + 1_000
const takes = { effect: 'takes', at: noon } as const

function restore(place: Place, backupFile: string, options: Partial<RestoreOptions> = {}) {
  const { directory, journalDirectory, ringText } = place
  return restoreSqlite({
    backupFile,
    directory,
    journalDirectory,
    ringText,
    random,
    now: later,
    withoutJournal: false,
    onDamaged: () => {},
    ...options,
  })
}

async function take(storage: Pick<SqliteStorage, 'log'>, token: Token, fields: Partial<Change> = {}): Promise<void> {
  assert.equal((await storage.log.commit([putToken(token, {}, { ...takes, ...fields })])).outcome, 'committed')
}

test('a backup is one whole file that only its owner may read, made while the database is written', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const token = await storeToken(storage, sampleToken())
  const file = join(place.directory, 'backup.db')
  const done = new AbortController()
  const writing = (async () => {
    while (!done.signal.aborted) await storeToken(storage, sampleToken())
  })()
  const position = await storage.backup(file)
  done.abort()
  await writing
  assert.ok(position.seq >= 1)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(
    readdirSync(place.directory).filter((name) => name.startsWith('backup')),
    ['backup.db'],
  )
  await storage.close()
  restore(place, file)
  await within(place, async ({ tokens, source }) => {
    assert.deepEqual(await tokens.find(token.id), token)
    assert.equal(source.position().seq, position.seq + 1)
  })
})

test('a backup never overwrites a file', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const file = join(place.directory, 'backup.db')
  await storage.backup(file)
  const before = readFileSync(file)
  await assert.rejects(storage.backup(file), { key: 'file-exists' })
  assert.deepEqual(readFileSync(file), before)
})

test('what was revoked, suspended, narrowed, shortened or disabled after a backup stays so after the restore', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const storage = await place.open()
  const account = await storeAccount(storage, sampleAccount({ role: 'admin' }))
  const wide = { scopes: ['*'], allowedIps: ['192.0.2.0/24'] }
  const [ended, suspended, narrowed, shortened, untouched] = (await Promise.all(
    Array.from({ length: 5 }, () => storeToken(storage, sampleToken(wide))),
  )) as [Token, Token, Token, Token, Token]
  const child = await storeToken(storage, sampleToken({ parentTokenId: ended.id }))
  const session = sampleSession(account)
  await storage.log.commit([change({ put: 'session', session })])
  const backedUp = await storage.backup(file)

  await storage.log.commit([putToken(revoked(ended, noon, 'stolen'), { descendants: 'revoke' }, takes)])
  await take(storage, { ...suspended, isActive: false })
  await take(storage, { ...narrowed, scopes: ['data:read'], allowedIps: ['192.0.2.7'] })
  await take(storage, { ...shortened, expiresAt: noon + 5 })
  const demoted = { ...(await storage.accounts.find(account.id))!, role: 'member', status: 'disabled' } as const
  await storage.log.commit([change({ put: 'account', account: demoted }, takes)])
  const young = await storeToken(storage, sampleToken())
  await storage.close()

  const report = restore(place, file)
  assert.deepEqual(report.restoredFrom, backedUp)
  assert.equal(report.sessionsEnded, 1)
  assert.deepEqual(report.replayed, {
    'token.revoked': 2,
    'token.suspended': 1,
    'token.updated': 2,
    'account.disabled': 1,
  })

  const after = await place.open()
  assert.deepEqual(after.source.position(), report.position)
  assert.notEqual(after.source.position().epoch, backedUp.epoch)
  const find = async ({ id }: Token): Promise<Token> => (await after.tokens.find(id))!
  assert.deepEqual([(await find(ended)).revokedAt, (await find(ended)).revokedReason], [noon, 'stolen'])
  assert.equal((await find(child)).revokedAt, noon)
  assert.equal((await find(suspended)).isActive, false)
  assert.deepEqual((await find(narrowed)).scopes, ['data:read'])
  assert.deepEqual((await find(narrowed)).allowedIps, ['192.0.2.7'])
  assert.equal((await find(shortened)).expiresAt, noon + 5)
  assert.deepEqual(await find(untouched), untouched)
  assert.equal(await after.tokens.find(young.id), undefined)
  const { role, status } = (await after.accounts.find(account.id))!
  assert.deepEqual([role, status], ['member', 'disabled'])
  assert.equal(await after.sessions.find(session.id), undefined)
})

test('a restore is an entry of the log, and what it took away are further ones', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const token = await within(place, async (storage) => {
    const stored = await storeToken(storage, sampleToken())
    await storage.backup(file)
    await take(storage, revoked(stored, noon, 'x'))
    return stored
  })
  restore(place, file)
  const { log, source } = await place.open()
  const { items } = await log.read({ limit: 2 })
  assert.deepEqual(
    items.map(({ seq, action, effect, subject, epoch }) => ({
      seq,
      action,
      effect,
      id: subject.id,
      isNew: epoch === source.position().epoch,
    })),
    [
      { seq: 3, action: 'token.revoked', effect: 'takes', id: token.id, isNew: true },
      { seq: 2, action: 'deployment.restored', effect: 'takes', id: 'all', isNew: true },
    ],
  )
})

test('what was taken before the backup and given back before it is not taken again', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const token = await within(place, async (storage) => {
    const stored = await storeToken(storage, sampleToken())
    await take(storage, { ...stored, isActive: false })
    const resumed = await storeToken(storage, { ...stored, isActive: true, changedSeq: 2 })
    await storage.backup(file)
    return resumed
  })
  assert.deepEqual(restore(place, file).replayed, {})
  await within(place, async ({ tokens }) => assert.equal((await tokens.find(token.id))?.isActive, true))
})

test('restoring the same backup again takes away what was taken in every epoch since', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const [first, second] = await within(place, async (storage) => {
    const stored = [await storeToken(storage, sampleToken()), await storeToken(storage, sampleToken())] as const
    await storage.backup(file)
    await take(storage, revoked(stored[0], noon, 'x'))
    return stored
  })
  restore(place, file)
  await within(place, async (storage) => take(storage, revoked((await storage.tokens.find(second.id))!, noon, 'x')))
  restore(place, file)
  await within(place, async ({ tokens }) => {
    for (const { id } of [first, second]) assert.equal((await tokens.find(id))?.revokedAt, noon)
  })
})

test('what was taken in a later epoch is taken again, also when nothing was taken in that of the backup', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const token = await within(place, async (storage) => {
    const stored = await storeToken(storage, sampleToken())
    await storage.backup(file)
    return stored
  })
  restore(place, file)
  await within(place, async (storage) => take(storage, revoked((await storage.tokens.find(token.id))!, noon, 'x')))
  assert.deepEqual(restore(place, file).replayed, { 'token.revoked': 1 })
})

test('tokens with a use count are suspended, since what was used of them is not known', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const [counted, free] = await within(place, async (storage) => {
    const stored = [
      await storeToken(storage, sampleToken({ usesGranted: 3 })),
      await storeToken(storage, sampleToken()),
    ]
    await storage.backup(file)
    return stored as [Token, Token]
  })
  assert.equal(restore(place, file).countedSuspended, 1)
  await within(place, async ({ tokens }) => {
    assert.equal((await tokens.find(counted.id))?.isActive, false)
    assert.equal((await tokens.find(free.id))?.isActive, true)
  })
})

test('no secret that was rotated away after a backup comes back, nor a rate that was lowered, nor a membership', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const [token, limited, project, leaving] = await within(place, async (storage) => {
    const [owner, other] = [await storeAccount(storage, sampleAccount()), await storeAccount(storage, sampleAccount())]
    const stored = [
      await storeToken(storage, sampleToken()),
      await storeToken(storage, sampleToken()),
      await storeProject(storage, sampleProject([owner, other])),
      other,
    ] as const
    await storage.backup(file)
    const [rotating, lowered, left] = stored
    const rotation = { graceSeconds: 60, oldExpiresAt: null, startedAt: noon, firstUsedAt: noon }
    await take(storage, { ...rotating, digest: 'k0:new', rotation: { ...rotation, oldDigest: rotating.digest } })
    await take(storage, { ...lowered, rateLimit: { limit: 1, windowSeconds: 60 } })
    const members = left.members.filter(({ accountId }) => accountId !== other.id)
    await storage.log.commit([change({ put: 'project', project: { ...left, members } }, takes)])
    return stored
  })
  restore(place, file)
  await within(place, async ({ tokens, projects }) => {
    const restored = (await tokens.find(token.id))!
    assert.deepEqual([restored.digest, restored.rotation?.oldDigest], ['k0:new', token.digest])
    assert.equal(restored.rotation?.firstUsedAt, noon)
    assert.deepEqual((await tokens.find(limited.id))?.rateLimit, { limit: 1, windowSeconds: 60 })
    const members = (await projects.find(project.id))!.members
    assert.ok(members.length > 0 && !members.some(({ accountId }) => accountId === leaving.id))
  })
})

test('a restore beside a running server is refused, and changes nothing', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const storage = await place.open()
  await storage.backup(file)
  assert.throws(() => restore(place, file), { key: 'in-use' })
  await storeToken(storage, sampleToken())
})

test('a backup that is missing, damaged, foreign or of another key is refused, and the database stays', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const token = await within(place, async (storage) => {
    await storage.backup(file)
    return storeToken(storage, sampleToken())
  })
  const garbage = join(place.directory, 'garbage.db')
  writeFileSync(garbage, 'no database '.repeat(1_000))
  const empty = join(place.directory, 'empty.db')
  writeFileSync(empty, '')
  assert.throws(() => restore(place, join(place.directory, 'none.db')), { key: 'file-missing' })
  assert.throws(() => restore(place, garbage), { key: 'damaged' })
  assert.throws(() => restore(place, empty), { key: 'not-ours' })
  const ringText = KeyRing.generate(random).toText().reveal()
  assert.throws(() => restore(place, file, { ringText }), { key: 'other-master-key' })
  await within(place, async ({ tokens }) => assert.deepEqual(await tokens.find(token.id), token))
})

test('an altered line of the journal is named, and the database stays', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const token = await within(place, async (storage) => {
    const stored = [await storeToken(storage, sampleToken()), await storeToken(storage, sampleToken())]
    await storage.backup(file)
    for (const one of stored) await take(storage, revoked(one, noon, 'stolen'))
    return stored[0]!
  })
  const journal = journalFile(place.journalDirectory)
  writeFileSync(journal, readFileSync(journal, 'utf8').replace(token.id, 'tok_0000000000000000'))
  assert.throws(() => restore(place, file), { key: 'journal-altered', message: /^Line 2 of / })
  await within(place, async ({ tokens }) => assert.equal((await tokens.find(token.id))?.revokedAt, noon))
})

test('a restore without the journal of the backup is refused, and changes nothing unless it is asked for by name', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const token = await within(place, async (storage) => {
    const stored = await storeToken(storage, sampleToken())
    await storage.backup(file)
    await take(storage, revoked(stored, noon, 'stolen'))
    return stored
  })
  const other = await makePlace(context)
  await within({ ...other, open: (options) => other.open({ ...options, ringText: place.ringText }) }, async () => {})
  const nowhere = join(place.directory, 'nowhere')
  for (const journalDirectory of [nowhere, other.journalDirectory]) {
    assert.throws(() => restore(place, file, { journalDirectory }), {
      key: 'journal-missing',
      message: /CHATELAINE_JOURNAL.*--without-journal/,
    })
  }
  await within(place, async ({ tokens }) => assert.equal((await tokens.find(token.id))?.revokedAt, noon))

  const { replayed } = restore(place, file, { journalDirectory: nowhere, withoutJournal: true })
  assert.deepEqual(replayed, {})
})

test('a preview tells where the backup and its journal end, and changes nothing', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  const { journalDirectory, ringText } = place
  const [backup, position] = await within(place, async (storage) => {
    const stored = await storeToken(storage, sampleToken())
    const backedUp = await storage.backup(file)
    await take(storage, revoked(stored, noon, 'stolen'))
    return [backedUp, storage.source.position()]
  })
  assert.deepEqual(previewRestore({ backupFile: file, journalDirectory, ringText }), {
    backup,
    journal: { file: journalFile(journalDirectory), lineCount: 2, position, isOfCopy: true },
  })
  const nowhere = { backupFile: file, journalDirectory: join(place.directory, 'nowhere'), ringText }
  assert.equal(previewRestore(nowhere).journal, undefined)
  await within(place, async (storage) => assert.deepEqual(storage.source.position(), position))
})

test('a directory in which a restore stopped half-way is not opened until one has run through', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  await within(place, async (storage) => void (await storage.backup(file)))
  writeFileSync(dataFiles(place.directory).restoreMark, '')
  await assert.rejects(place.open(), { key: 'restore-interrupted' })
  restore(place, file)
  await within(place, async () => {})
})

test('the database that was replaced is kept beside the new one', async (context) => {
  const place = await makePlace(context)
  const file = join(place.directory, 'backup.db')
  await within(place, async (storage) => void (await storage.backup(file)))
  restore(place, file)
  assert.ok(existsSync(dataFiles(place.directory).replaced))
})

test('a policy or a catalogue that was tightened after a backup stays as tight, also that of a project', async (context) => {
  const place = await makePlace(context)
  const storage = await place.open()
  const owner = await storeAccount(storage, sampleAccount())
  const project = await storeProject(storage, sampleProject([owner]))
  const file = join(place.directory, 'backup.db')
  await storage.backup(file)
  const commit = async (fields: Partial<Change>, write: Change['write']) =>
    assert.equal((await storage.log.commit([change(write, fields)])).outcome, 'committed')
  const catalogue = replaced(null, [
    { name: 'data:read', description: 'Read', group: '', kinds: ['account'], sensitive: false },
  ])
  const tight = { policy: { ...defaultPolicy, permanentTokensMax: 0 }, catalogue }
  await commit(takes, { put: 'settings', settings: { ...(await storage.settings.read()), ...tight } })
  await commit(takes, { put: 'project', project: { ...project, policy: { tokensPerOwnerMax: 1 } } })
  const loose = { ...(await storage.settings.read()), policy: defaultPolicy }
  await commit({ effect: 'gives', at: noon }, { put: 'settings', settings: loose })
  await storage.close()

  const { replayed } = restore(place, file)
  assert.deepEqual(replayed, { 'deployment.policy_changed': 1, 'project.updated': 1 })
  await within(place, async ({ settings, projects }) => {
    const { policy, catalogue: kept } = await settings.read()
    assert.deepEqual({ policy, catalogue: kept }, tight)
    assert.deepEqual((await projects.find(project.id))?.policy, { tokensPerOwnerMax: 1 })
  })
})
