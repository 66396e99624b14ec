import type { IncomingHttpHeaders } from 'node:http'
import type { ChangeLog } from '@chatelaine/core'
import { context, propagation, SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api'

/**
 * Traces through the API of OpenTelemetry alone. As long as the operator has loaded no SDK beside the server, every span
 * is an empty one and nothing is kept or sent.
 */
const tracer = trace.getTracer('chatelaine')

/** Runs the work of one request within a span, below that of the client where it names one (W3C Trace Context). */
export function traceRequest<T>(
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const options = { kind: SpanKind.SERVER, attributes: { 'http.request.method': method } }
  return tracer.startActiveSpan(method, options, propagation.extract(context.active(), headers), (span) =>
    endAfter(span, work),
  )
}

/** The log, with a span around each commit. */
export function traceCommits(log: ChangeLog): ChangeLog {
  return {
    commit: (changes, once) => {
      const attributes: Attributes = {
        'chatelaine.action': changes[0]?.action ?? '',
        'chatelaine.changes': changes.length,
      }
      return tracer.startActiveSpan('commit', { attributes }, (span) =>
        endAfter(span, async () => {
          const outcome = await log.commit(changes, once)
          span.setAttribute('chatelaine.outcome', outcome.outcome)
          return outcome
        }),
      )
    },
    read: (query) => log.read(query),
    export: (filters, at) => log.export(filters, at),
    auditKeys: () => log.auditKeys(),
  }
}

async function endAfter<T>(span: Span, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await work(span)
  } catch (error) {
    // Without its message, which is for whoever asked.
    span.setStatus({ code: SpanStatusCode.ERROR })
    throw error
  } finally {
    span.end()
  }
}
