import { problems } from '@chatelaine/api'
import type { Settings } from '../config.ts'
import type { Incoming } from '../http/peer.ts'
import { explain } from '../http/problem.ts'
import { readBytes } from '../http/read-ask.ts'
import type { Service } from '../service.ts'
import { wireBodyBytesMax, type Refusal, type Wire, type WireAsk } from './wire.ts'
import { wires } from './wires.ts'

/** The wires that the operator has left on. */
export function wiresOf(settings: Settings): readonly Wire[] {
  return settings.wires.map((name) => wires[name])
}

/** The wire that a path belongs to, if one does. */
export function wireAt(settings: Settings, path: string): Wire | undefined {
  return wiresOf(settings).find(({ prefixes }) => prefixes.some((prefix) => path.startsWith(prefix)))
}

/** @throws `body-too-large`, `bad-request` when the body breaks off. */
export async function readWireAsk(
  service: Service,
  requestId: string,
  incoming: Incoming,
  request: Request,
  params: Readonly<Record<string, string>>,
): Promise<WireAsk> {
  const bytes = await readBytes(request, wireBodyBytesMax)
  const contentType = request.headers.get('content-type') ?? undefined
  return { service, requestId, incoming, params, query: new URL(request.url).searchParams, contentType, bytes }
}

/** What went wrong, for a wire to put into its own shape. */
export function refusalOf(
  service: Service,
  error: unknown,
  requestId: string,
  headersAsked: Incoming['headers'],
): Refusal {
  const explanation = explain(service, error, requestId)
  const { status, title } = problems[explanation.key]
  return { ...explanation, status, title, requestId, headersAsked }
}
