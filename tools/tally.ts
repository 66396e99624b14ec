// What checks and tests have in common: each has a title that is a promise, and an outcome.

/** `tookMs` is how long it ran; `detail` is all that a reader needs to begin to look: the error, where, what was printed. */
export type Outcome =
  | { readonly kind: 'pass'; readonly title: string; readonly tookMs: number }
  | { readonly kind: 'fail'; readonly title: string; readonly tookMs: number; readonly detail: string }
  | { readonly kind: 'skip'; readonly title: string; readonly reason: string }

/** What a run has come to so far. `failures` are ready to be printed, in full. */
export type Tally = { passed: number; failed: number; skipped: number; readonly failures: string[] }

/** Where a run begins. */
export function emptyTally(): Tally {
  return { passed: 0, failed: 0, skipped: 0, failures: [] }
}

/** Counts an outcome and shows its line. `where` is the file of a test; it stands before the title of a failure. */
export function note(tally: Tally, outcome: Outcome, where?: string): void {
  switch (outcome.kind) {
    case 'pass':
      tally.passed += 1
      print(`✔ ${outcome.title} (${inWords(outcome.tookMs)})`)
      break
    case 'skip':
      tally.skipped += 1
      print(`- ${outcome.title} (skipped: ${outcome.reason})`)
      break
    case 'fail':
      tally.failed += 1
      tally.failures.push(`✖ ${where === undefined ? '' : `${where}\n  `}${outcome.title}\n${indent(outcome.detail)}`)
      print(`✖ ${outcome.title} (${inWords(outcome.tookMs)})`)
      break
  }
}

/**
 * Repeats every failure in full, sets the exit code, and ends with the one line that a script may rely on:
 * `12 passed, 1 failed`, or `12 passed, 1 failed, 2 skipped`.
 */
export function conclude(tally: Tally): void {
  if (tally.failures.length > 0) print(`\nWhat failed:\n\n${tally.failures.join('\n\n')}\n`)
  process.exitCode = tally.failed === 0 ? 0 : 1
  print(`${tally.passed} passed, ${tally.failed} failed${tally.skipped === 0 ? '' : `, ${tally.skipped} skipped`}`)
}

/** Shows a line to whoever runs the tools. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function inWords(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ')
}
