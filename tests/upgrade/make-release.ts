// Makes the data that this release leaves behind, for every later one to open:
//   node tests/upgrade/make-release.ts VERSION
// Run it once, when a release is made, and commit the folder that it writes.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import {
  changeAccount,
  changeToken,
  createAccount,
  createProject,
  issueBootstrapToken,
  issueToken,
  operatorCaller,
  revokeToken,
  rotateToken,
  type Ports,
  type Token,
  type TokenAsk,
} from '@chatelaine/core'
import { KeyRing } from '@chatelaine/token/keys'
import { openData, releasesDirectory, stoppedClock, type Expected, type Release } from './release.ts'

const version = process.argv[2]
if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version))
  throw new Error('say which version this is, such as 0.1.0')

const at = Date.UTC(2026, 10, 22, 12)
const directory = join(releasesDirectory, version)
mkdirSync(directory, { mode: 0o700 })
const ring = KeyRing.generate((count) => randomBytes(count)).toText()
writeFileSync(join(directory, 'master.key'), ring.reveal(), { mode: 0o600 })
const data = await openData(directory, stoppedClock(at))
const release: Release = { at, tokens: await fill(data.service.ports) }
await data.close()
for (const passing of ['lock.db', 'chatelaine.db-wal', 'chatelaine.db-shm']) {
  rmSync(join(directory, passing), { force: true })
}
writeFileSync(join(directory, 'expected.json'), `${JSON.stringify(release, null, 2)}\n`)

async function fill(ports: Ports): Promise<Expected[]> {
  const expected: Expected[] = []
  const issue = async (name: string, ask: Partial<TokenAsk>): Promise<{ token: Token; text: string }> => {
    const issued = await issueToken(ports, operatorCaller, { label: name, origin: 'api', ...ask })
    if (issued.repeated) throw new Error('nothing was asked for twice')
    return { token: issued.token, text: issued.secret.reveal() }
  }
  const expect = (name: string, token: string, code: Expected['code'], question: Expected['question'] = {}): void => {
    expected.push({ name, token, question, code })
  }

  const { account } = await createAccount(ports, operatorCaller, { username: 'ada', externalId: 'user-1815' })
  const { account: gone } = await createAccount(ports, operatorCaller, { username: 'charles' })
  const { project } = await createProject(ports, operatorCaller, { name: 'Engine', ownerId: account.id })

  const bootstrap = await issueBootstrapToken(ports)
  expect('manager', bootstrap!.reveal(), 'valid', { kinds: ['manager'] })
  const permanent = await issue('permanent', { accountId: account.id, life: { permanent: true } })
  expect('permanent', permanent.text, 'valid')
  expect('permanent, asked about its project', permanent.text, 'valid', { projectId: project.id })
  const temporary = await issue('temporary', { accountId: account.id, scopes: ['data:read'], metadata: { team: 'a' } })
  expect('temporary', temporary.text, 'valid')
  const bound = await issue('bound to addresses', { accountId: account.id, allowedIps: ['192.0.2.0/24'] })
  expect('bound, from inside', bound.text, 'valid', { clientIp: '192.0.2.7' })
  expect('bound, from outside', bound.text, 'ip_not_allowed', { clientIp: '198.51.100.7' })
  const ofProject = await issue('of a project', { kind: 'project', projectId: project.id })
  expect('of a project', ofProject.text, 'valid', { projectId: project.id })
  const limited = await issue('limited', {
    accountId: account.id,
    rateLimit: { limit: 100, windowSeconds: 60 },
    usesGranted: 5,
    renewableUntil: at + 30 * 86_400_000,
  })
  expect('limited', limited.text, 'valid')
  const suspended = await issue('suspended', { accountId: account.id })
  await changeToken(ports, operatorCaller, suspended.token.id, { isActive: false })
  expect('suspended', suspended.text, 'suspended')
  const revoked = await issue('revoked', { accountId: account.id })
  await revokeToken(ports, operatorCaller, revoked.token.id, { reason: 'lost' })
  expect('revoked', revoked.text, 'revoked')
  const rotated = await issue('rotated', { accountId: account.id })
  const rotation = await rotateToken(ports, operatorCaller, rotated.token.id)
  if (rotation.repeated) throw new Error('nothing was asked for twice')
  expect('rotated, the old secret', rotated.text, 'valid')
  expect('rotated, the new secret', rotation.secret.reveal(), 'valid')
  const ofDisabled = await issue('of a disabled account', { accountId: gone.id })
  await changeAccount(ports, operatorCaller, gone.id, { status: 'disabled' })
  expect('of a disabled account', ofDisabled.text, 'owner_disabled')
  return expected
}
