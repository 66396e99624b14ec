import assert from 'node:assert/strict'
import { read, type Output, type Schema } from '@chatelaine/api'
import type { Deployment } from '../http/deployment.ts'

/** What a client of another system sends, as it sends it. */
export interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  /** As it stands. */
  readonly body?: string
}

export interface Received {
  readonly status: number
  readonly headers: Headers
  /** JSON where it is JSON, else the text. */
  readonly body: unknown
}

/** Sends a request to the letter, and takes the answer in, whatever its shape. No redirect is followed. */
export async function exchange(
  deployment: Deployment,
  method: string,
  target: string,
  sent: Sent = {},
): Promise<Received> {
  const response = await fetch(deployment.origin + target, { method, redirect: 'manual', ...sent })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/** The same with a JSON body and a credential as it stands in the header `Authorization`. */
export function exchangeJson(
  deployment: Deployment,
  method: string,
  target: string,
  authorization?: string,
  body?: unknown,
): Promise<Received> {
  const headers = {
    'content-type': 'application/json',
    ...(authorization === undefined ? {} : { authorization }),
  }
  return exchange(
    deployment,
    method,
    target,
    body === undefined ? { headers } : { headers, body: JSON.stringify(body) },
  )
}

/** A body that has exactly the shape that the clients expect: no key is missing and none is too many. */
export function shaped<S extends Schema>(schema: S, body: unknown): Output<S> {
  const reading = read(schema, body)
  assert.ok(reading.ok, reading.ok ? '' : `${JSON.stringify(reading.faults)} in ${JSON.stringify(body)}`)
  return reading.value
}
