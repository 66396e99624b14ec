// Several contenders are measured in turn, again and again, so that whatever else the machine does falls on all of them.

/** What one figure came to over all rounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** @throws RangeError without values. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const min = sorted[0]
  if (min === undefined) throw new RangeError('a spread needs at least one value')
  const middle = (sorted.length - 1) / 2
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
  return { median, min, max: sorted.at(-1)! }
}

/**
 * The quotients of what was measured in the same round: a slow second of the machine strikes both and cancels out, which
 * it does not in a quotient of medians.
 * @throws RangeError when there are no rounds, or one side has more of them.
 */
export function ratiosOf(values: readonly number[], references: readonly number[]): Spread {
  if (values.length !== references.length) throw new RangeError('each value needs the reference of its round')
  return spreadOf(values.map((value, round) => value / references[round]!))
}

/**
 * Measures every contender once a round. Who comes first changes from round to round, because the first of a round finds
 * the machine rested.
 * @returns for each contender, its results by round.
 */
export async function alternate<Name extends string, Result>(
  roundCount: number,
  contenders: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(contenders) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>
  for (let round = 0; round < roundCount; round++) {
    for (const place of names.keys()) {
      const name = names[(round + place) % names.length]!
      // One after the other: two at once would measure each other.
      results[name].push(await contenders[name]())
    }
  }
  return results
}
