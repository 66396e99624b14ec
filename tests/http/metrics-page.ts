import { metricsTable } from '../../packages/server/src/metrics/table.ts'

/** docs/reference/metrics.md as the table of the metrics says it. Run by itself, this file prints it. */
export function metricsPage(): string {
  const metrics = Object.values(metricsTable).flatMap(({ name, type, help, labels }) => [
    `## \`${name}\``,
    help,
    `A ${type}${labels.length === 0 ? '' : `, by ${labels.map((label) => `\`${label}\``).join(', ')}`}.`,
  ])
  return `${[
    '# Metrics',
    '`GET /metrics` answers in the text format of Prometheus. `CHATELAINE_METRICS` says who may read it; how to set that up\n' +
      'is in [Operating](../guides/operating.md). No label holds a token, an account or an address, so the number of series\n' +
      'is bounded by the number of routes, statuses and codes.',
    ...metrics,
    '## Of the process',
    'Beside these stand the usual metrics of a process of Node. Those to watch first:',
    processMetrics.map(([name, meaning]) => `- \`${name}\`: ${meaning}`).join('\n'),
  ].join('\n\n')}\n`
}

/** Of the metrics that every process has, those that the page names. */
export const processMetrics = [
  ['nodejs_eventloop_lag_p99_seconds', 'how late the event loop was for 1 in 100 timers since the last reading'],
  ['nodejs_eventloop_lag_max_seconds', 'how late it was at worst'],
  ['nodejs_gc_duration_seconds', 'how long collecting garbage held everything up'],
  ['process_cpu_seconds_total', 'the processor time used'],
  ['process_resident_memory_bytes', 'the memory used'],
  ['process_start_time_seconds', 'when the process began'],
] as const

if (import.meta.main) process.stdout.write(metricsPage())
