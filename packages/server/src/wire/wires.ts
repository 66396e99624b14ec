import type { WireName } from '@chatelaine/core'
import { coscine } from './coscine.ts'
import type { Wire } from './wire.ts'

/** Every wire that this release speaks. */
export const wires: Readonly<Partial<Record<WireName, Wire>>> = { coscine }
