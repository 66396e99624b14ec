import type { WireName } from '@chatelaine/core'
import { cocalc } from './cocalc.ts'
import { cogniac } from './cogniac/cogniac.ts'
import { coscine } from './coscine.ts'
import { neuroio } from './neuroio/neuroio.ts'
import { sodar } from './sodar.ts'
import type { Wire } from './wire.ts'

/** Every wire that this release speaks. */
export const wires: Readonly<Record<WireName, Wire>> = { neuroio, cogniac, cocalc, sodar, coscine }
