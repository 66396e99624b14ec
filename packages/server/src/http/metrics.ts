import { BlockList } from 'node:net'
import { authorise, Failure, requireWhole, type Caller } from '@chatelaine/core'
import type { Service } from '../service.ts'
import type { Handlers } from './handler.ts'
import type { Incoming } from './peer.ts'

/** `/metrics`, for whom `CHATELAINE_METRICS` names. */
export function metrics({ settings, metrics: measured }: Service): Handlers<'getMetrics'> {
  const requireReader = readers[settings.metrics]
  return {
    async getMetrics({ caller, incoming }) {
      requireReader(caller, incoming)
      return { status: 200, body: once(await measured.text()), headers: { 'content-type': measured.contentType } }
    },
  }
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Refuses whoever may not read, for each value of the setting. */
const readers = {
  loopback(_caller: Caller, { headers, socket }: Incoming): void {
    const { remoteAddress = '' } = socket
    const isNear = loopback.check(remoteAddress, remoteAddress.includes(':') ? 'ipv6' : 'ipv4')
    // A proxy on this machine is near too, and those for whom it asks are not.
    const isPassedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip'].some((name) => headers[name] !== undefined)
    if (isNear && !isPassedOn) return
    throw new Failure(
      'not-permitted',
      'Metrics are read on the machine of the server itself. With CHATELAINE_METRICS=token they are read from elsewhere.',
    )
  },
  token(caller: Caller): void {
    requireWhole(authorise(caller, 'audit.read'), 'read the metrics')
  },
  off(): void {
    throw new Failure('not-found', 'This server shows no metrics.')
  },
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}
