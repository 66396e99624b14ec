import { randomBase62, type Random } from '@chatelaine/token'

/** Characters of an epoch: enough that no two are ever the same. */
const epochLength = 16

export function newEpoch(random: Random): string {
  return randomBase62(epochLength, random)
}
