import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  propagation,
  ROOT_CONTEXT,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
} from '@opentelemetry/api'
import { openDeployment, type Deployment } from './deployment.ts'

/** A span that keeps what it was told. */
class KeptSpan implements Span {
  name: string
  readonly parent: SpanContext | undefined
  readonly attributes: Attributes
  isEnded = false

  constructor(name: string, { attributes = {} }: SpanOptions, parent: SpanContext | undefined) {
    this.name = name
    this.attributes = { ...attributes }
    this.parent = parent
  }

  spanContext = (): SpanContext => ({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 })
  setAttribute = (key: string, value: Attributes[string]): this => this.setAttributes({ [key]: value })
  setAttributes(attributes: Attributes): this {
    Object.assign(this.attributes, attributes)
    return this
  }
  updateName(name: string): this {
    this.name = name
    return this
  }
  end(): void {
    this.isEnded = true
  }
  addEvent = (): this => this
  addLink = (): this => this
  addLinks = (): this => this
  setStatus = (): this => this
  isRecording = (): boolean => true
  recordException = (): void => undefined
}

describe('where an SDK of OpenTelemetry is loaded', () => {
  const spans: KeptSpan[] = []
  let deployment: Deployment

  function startSpan(name: string, options: SpanOptions = {}, context: Context = ROOT_CONTEXT): KeptSpan {
    const span = new KeptSpan(name, options, trace.getSpanContext(context))
    spans.push(span)
    return span
  }

  /** All of the forms of the API take what is to be done last. */
  function startActiveSpan(name: string, ...rest: unknown[]): unknown {
    const work = rest.pop() as (span: Span) => unknown
    return work(startSpan(name, ...(rest as [SpanOptions?, Context?])))
  }

  before(async () => {
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan, startActiveSpan }) as never })
    propagation.setGlobalPropagator({
      inject: () => undefined,
      fields: () => ['traceparent'],
      extract(context, carrier, getter) {
        const [, traceId, spanId] = String(getter.get(carrier, 'traceparent')).split('-')
        if (traceId === undefined || spanId === undefined) return context
        return trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true })
      },
    })
    deployment = await openDeployment()
  })
  after(async () => {
    await deployment.close()
    trace.disable()
    propagation.disable()
  })

  test('a request is a span that is named by its route, below that of its client, and ends with it', async () => {
    const { tokenId, token } = await deployment.member('ada')
    spans.length = 0
    const traceId = 'a'.repeat(32)
    const headers = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` }
    const answer = await deployment.send('GET', `/api/v1/tokens/${tokenId}`, { as: token, headers })
    const [span] = spans
    assert.equal(span?.name, 'GET /api/v1/tokens/{id}')
    assert.equal(span.parent?.traceId, traceId)
    assert.ok(span.isEnded)
    assert.deepEqual(span.attributes, {
      'http.request.method': 'GET',
      'http.route': '/api/v1/tokens/{id}',
      'http.response.status_code': 200,
      'chatelaine.request_id': answer.headers.get('x-request-id'),
    })
  })

  test('a commit is a span that says what was committed and what came of it', async () => {
    spans.length = 0
    await deployment.member('bob')
    const commits = spans.filter(({ name }) => name === 'commit')
    assert.deepEqual(
      commits.map(({ attributes }) => attributes),
      ['account.created', 'token.created'].map((action) => ({
        'chatelaine.action': action,
        'chatelaine.changes': 1,
        'chatelaine.outcome': 'committed',
      })),
    )
    assert.ok(commits.every(({ isEnded }) => isEnded))
  })

  test('a verification is none, since it must cost nothing', async () => {
    spans.length = 0
    await deployment.ask('verifyToken', { as: deployment.root, body: { token: 'none' } })
    assert.deepEqual(spans, [])
  })
})
