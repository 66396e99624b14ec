// Loaded into every server that is measured, before its own code: it says over IPC what the process has used so far, and
// ends the process together with the benchmark.

/** What a process has used since it started. */
export interface Usage {
  /** All of its threads. */
  readonly processCpuMs: number
  /** The thread that answers. */
  readonly mainThreadCpuMs: number
  readonly residentBytes: number
}

// What a measured server starts itself inherits this file too, and has a channel for purposes of its own.
const isMeasured = process.env.BENCH_MEASURED !== undefined
delete process.env.BENCH_MEASURED
if (isMeasured) {
  process.on('message', (question) => {
    if (question === 'usage') process.send?.(usageNow())
  })
  process.on('disconnect', () => process.exit())
  // The channel must not keep a server alive that has closed.
  process.channel?.unref()
}

function usageNow(): Usage {
  return {
    processCpuMs: milliseconds(process.cpuUsage()),
    mainThreadCpuMs: milliseconds(process.threadCpuUsage()),
    residentBytes: process.memoryUsage.rss(),
  }
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1_000
}
