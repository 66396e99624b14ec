import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { journalFile } from '@chatelaine/storage/sqlite'
import { Acknowledged } from './acknowledged.ts'
import { Client, type Answer } from './client.ts'
import { readIntactLog } from './log-check.ts'
import { copyPrivately, placesIn, Site, type RunningServer } from './running-server.ts'
import { smallDisks, type SmallDisk } from './small-disk.ts'
import { Steward, type Issued } from './steward.ts'

const tokensCount = 20
/** What is left in files that were made larger before takes some changes more. */
const changesMax = 5_000
const refusalsInARow = 5
/** By then a server must have noticed that it can write again. */
const recoveryMsMax = 10_000

const here = Object.entries(smallDisks).filter(([, { isHere }]) => isHere())

test('there is a way of running out of space', { skip: isAnnounced() }, () => assert.ok(here.length > 0))

function isAnnounced(): string | false {
  return here.length === 0 && process.env['CI'] === undefined ? 'neither unshare nor prlimit can be used here' : false
}

for (const [what, { make }] of here) {
  describe(`on ${what}`, () => {
    const site = new Site({ after })
    const acknowledged = new Acknowledged()
    let disk: SmallDisk
    let server: RunningServer
    let steward: Steward
    let remembered: readonly Issued[]
    let unseen: readonly Issued[]

    before(async () => {
      disk = await make()
      await start()
      const { id } = await steward.account('ada')
      remembered = await steward.issueMany(tokensCount, { account_id: id })
      unseen = await steward.issueMany(tokensCount, { account_id: id })
      for (const issued of [...remembered, ...unseen]) acknowledged.noteIssued(issued)
      for (const { token } of remembered) await steward.verify(token)
      disk.fill(server)
    })
    after(async () => {
      steward.client.close()
      await disk.close()
    })

    async function start(): Promise<void> {
      server = await site.start({
        within: disk.within,
        environment: { CHATELAINE_DATA: placesIn(disk.directory).data },
      })
      steward = new Steward(new Client(server.port), server.managerToken)
    }

    test('changes are refused with 503 and when to come again', async () => {
      let refusals = 0
      for (let asked = 0; refusals < refusalsInARow; asked += 1) {
        assert.ok(asked < changesMax, 'the disk never filled up')
        const answer = await create(steward)
        if (answer.status === 201) acknowledged.noteIssued(JSON.parse(answer.text) as Issued)
        refusals = answer.status === 201 ? 0 : refusals + 1
        if (answer.status !== 201) requireUnavailable(answer)
      }
      for (const issued of remembered.slice(0, 3)) {
        const answer = await revoke(steward, acknowledged, issued)
        if (answer.status !== 204) requireUnavailable(answer)
      }
      await server.whenLogged('storage at fault')
    })

    test('verification goes on, of remembered tokens and of those that were never seen', async () => {
      await acknowledged.check(steward)
    })

    test('changes are taken again once there is space, without a restart', async () => {
      disk.free(server)
      await untilRecovered(steward)
      for (const issued of unseen.slice(0, 3)) assert.equal((await revoke(steward, acknowledged, issued)).status, 204)
      await acknowledged.check(steward)
    })

    test('everything that was acknowledged holds after a kill, and the log is whole', async () => {
      steward.client.close()
      await server.kill()
      await start()
      await acknowledged.check(steward)
      await server.stop()
      // Out of a file system that only its own processes see.
      copyPrivately(placesIn(disk.seen).data, placesIn(site.directory).data)
      await readIntactLog(site.directory)
    })
  })
}

const tmpfs = smallDisks['a disk that is full']!

describe(
  'with the journal alone on a full disk',
  { skip: tmpfs.isHere() ? false : 'unshare cannot be used here' },
  () => {
    const site = new Site({ after })
    const acknowledged = new Acknowledged()
    let disk: SmallDisk
    let server: RunningServer
    let steward: Steward
    let tokens: Issued[]
    /** The revocation that was refused although it was done. */
    let unjournaled: Issued

    before(async () => {
      disk = await tmpfs.make()
      await start()
      const { id } = await steward.account('ada')
      tokens = await steward.issueMany(2 * tokensCount, { account_id: id })
      for (const issued of tokens) acknowledged.noteIssued(issued)
      await acknowledged.check(steward)
      disk.fill(server)
    })
    after(async () => {
      steward.client.close()
      await disk.close()
    })

    async function start(): Promise<void> {
      const { journal } = placesIn(disk.directory)
      server = await site.start({ within: disk.within, environment: { CHATELAINE_JOURNAL: journal } })
      steward = new Steward(new Client(server.port), server.managerToken)
    }

    test('a revocation that a restore could undo is refused with 503, and yet the token is dead', async () => {
      // What is left of the last block of the file takes some lines more.
      for (let status = 204; status === 204;) {
        unjournaled = tokens.pop()!
        const answer = await revoke(steward, acknowledged, unjournaled)
        status = answer.status
        if (status !== 204) requireUnavailable(answer)
      }
      assert.equal((await steward.verify(unjournaled.token)).code, 'revoked')
    })

    test('until it is in the journal nothing else is changed, and everything is verified', async () => {
      requireUnavailable(await create(steward))
      await acknowledged.check(steward)
    })

    test('once there is space the journal catches up, without a restart', async () => {
      disk.free(server)
      await untilRecovered(steward)
      const last = tokens.pop()!
      assert.equal((await revoke(steward, acknowledged, last)).status, 204)
      const lines = readFileSync(journalFile(placesIn(disk.seen).journal), 'utf8')
      for (const { id } of [unjournaled, last]) assert.ok(lines.includes(id), `${id} is not in the journal`)
    })

    test('everything that was acknowledged holds after a kill', async () => {
      steward.client.close()
      await server.kill()
      await start()
      await acknowledged.check(steward)
    })
  },
)

function create({ client, token: as }: Steward): Promise<Answer> {
  return client.ask('POST', '/api/v1/tokens', { as, body: { kind: 'manager', scopes: ['chatelaine.tokens:verify'] } })
}

async function revoke({ client, token: as }: Steward, acknowledged: Acknowledged, { id }: Issued): Promise<Answer> {
  acknowledged.noteTaking(id, 'revoked')
  const answer = await client.ask('DELETE', `/api/v1/tokens/${id}`, { as })
  if (answer.status === 204) acknowledged.noteTaken(id, 'revoked')
  return answer
}

async function untilRecovered(steward: Steward): Promise<void> {
  const deadline = performance.now() + recoveryMsMax
  for (let answer = await create(steward); answer.status !== 201; answer = await create(steward)) {
    requireUnavailable(answer)
    assert.ok(performance.now() < deadline, 'it has not recovered')
  }
}

function requireUnavailable({ status, headers, text }: Answer): void {
  assert.equal(status, 503, text)
  assert.match(String(headers['retry-after']), /^\d+$/)
  assert.equal(headers['content-type'], 'application/problem+json')
}
