import type { PagePosition } from '@chatelaine/core'

/** Two walks from the highest serial down, as one. What both come by is told once. */
export async function* mergeNewestFirst(
  a: AsyncGenerator<PagePosition>,
  b: AsyncGenerator<PagePosition>,
): AsyncGenerator<PagePosition> {
  let [fromA, fromB] = [await a.next(), await b.next()]
  while (!fromA.done || !fromB.done) {
    const serialA = fromA.done ? -1 : fromA.value.serial
    const serialB = fromB.done ? -1 : fromB.value.serial
    if (!fromA.done && serialA >= serialB) yield fromA.value
    else if (!fromB.done) yield fromB.value
    if (serialA >= serialB) fromA = await a.next()
    if (serialB >= serialA) fromB = await b.next()
  }
}
