import assert from 'node:assert/strict'
import { after, before, beforeEach, type TestContext } from 'node:test'
import { openDeployment, secretOf, type Deployment, type Member } from '../http/deployment.ts'
import { askAt } from './ask.ts'
import type { Places, Proxy } from './proxy.ts'
import { startService, type Seen, type Service } from './service.ts'

export type StartProxy = (at: Places) => Promise<Proxy>

interface Created {
  readonly id: string
  readonly secret: string
}

/** A service behind a proxy that asks a deployment first: up before the first test of the suite that makes it, and down after the last. */
export class Guarded {
  deployment!: Deployment
  service!: Service
  proxy!: Proxy
  ada!: Member
  /** A token of hers that may read data, and no more. */
  narrow!: Created

  constructor(startProxy: StartProxy) {
    before(async () => {
      this.deployment = await openDeployment({ CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' })
      this.service = await startService()
      this.proxy = await startProxy(placesOf(this.deployment, this.service))
      this.ada = await this.deployment.member('ada')
      this.narrow = await this.create({ scopes: ['data:read'] })
    })
    after(async () => {
      await this.proxy?.stop()
      await this.service?.stop()
      await this.deployment?.close()
    })
    beforeEach(() => void this.service.take())
  }

  /** Another token of hers. */
  async create(body: object): Promise<Created> {
    const answer = await this.deployment.ask('createToken', { as: this.ada.token, body })
    assert.equal(answer.status, 201, answer.detail)
    return { id: answer.body.id, secret: secretOf(answer) }
  }

  /** The one request that reached the service. */
  seen(): Seen {
    const [only, ...more] = this.service.take()
    assert.ok(only !== undefined && more.length === 0, 'one request reached the service')
    return only
  }

  requireNothingSeen(): void {
    assert.deepEqual(this.service.take(), [])
  }
}

export function placesOf(deployment: Deployment, service: Service): Places {
  return { chatelaine: new URL(deployment.origin).host, service: service.address }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Asks with a good token while Chatelaine is away, and says with which status the proxy refuses it. */
export async function askWhileAway(context: TestContext, startProxy: StartProxy): Promise<number> {
  const deployment = await openDeployment()
  await deployment.close()
  const service = await startService()
  context.after(() => service.stop())
  const proxy = await startProxy(placesOf(deployment, service))
  context.after(() => proxy.stop())
  const { status } = await askAt(proxy.socketPath, '/', { headers: bearer(deployment.root) })
  assert.deepEqual(service.take(), [])
  return status
}
