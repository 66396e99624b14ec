import type { IncomingHttpHeaders } from 'node:http'
import { clientName, contains, normaliseAddress, parseAddress, type Block, type Peer } from '@chatelaine/core'

/** What of a request says who sent it. An `IncomingMessage` is one. */
export interface Incoming {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/**
 * From where a request came: the other end of the connection, or, where that is a trusted proxy, whom it names as the
 * last in `X-Forwarded-For`, and so on to the left as long as proxies are trusted. What stands further left was
 * written by whoever liked to.
 */
export function peerOf(trustedProxies: readonly Block[], { headers, socket }: Incoming): Peer {
  const nearest = socketAddress(socket.remoteAddress)
  const ip = trustedProxies.length === 0 ? nearest : forwardedFor(trustedProxies, nearest, headers['x-forwarded-for'])
  return { ip, client: clientName(headers['user-agent']) }
}

/**
 * The address that an allow-list is held against; `undefined` when nobody we believe has said it. A request that was
 * passed on by a proxy that is not trusted did not come from that proxy, however much its connection does: taking the
 * proxy's own address would let everybody behind it into a list that names it.
 */
export function allowedAddress(trustedProxies: readonly Block[], incoming: Incoming, peer: Peer): string | undefined {
  const { headers, socket } = incoming
  if (!isPassedOn(headers)) return peer.ip ?? undefined
  const nearest = socketAddress(socket.remoteAddress)
  return nearest !== null && isTrusted(trustedProxies, nearest) ? (peer.ip ?? undefined) : undefined
}

function isPassedOn(headers: IncomingHttpHeaders): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
}

function isTrusted(trustedProxies: readonly Block[], ip: string): boolean {
  const address = parseAddress(ip)
  return address !== undefined && trustedProxies.some((block) => contains(block, address))
}

/** Node gives addresses in their one spelling, except for IPv4 on a socket of IPv6 and for the zone of a link. */
function socketAddress(remote: string | undefined): string | null {
  if (remote === undefined) return null
  const unmapped = remote.startsWith('::ffff:') && remote.includes('.') ? remote.slice(7) : remote
  const zone = unmapped.indexOf('%')
  return zone < 0 ? unmapped : unmapped.slice(0, zone)
}

function forwardedFor(
  trustedProxies: readonly Block[],
  nearest: string | null,
  header: string | string[] | undefined,
): string | null {
  const hops = [header ?? []].flat().join(',').split(',')
  let ip = nearest
  for (const hop of hops.toReversed()) {
    if (ip === null || !isTrusted(trustedProxies, ip)) return ip
    if (hop.trim() === '') continue
    // A proxy that names somebody we cannot read has said that the peer is not the proxy itself.
    ip = addressOf(hop.trim())
  }
  return ip
}

/** An address as proxies write it: bare, or with the port, and then IPv6 in brackets. */
function addressOf(hop: string): string | null {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop
  return normaliseAddress(bare) ?? null
}
