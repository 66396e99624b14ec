// What the clients of other systems send, as data. Their answers are described too, so that tests can hold ours to them.

export * as cocalcSchemas from './wires/cocalc.ts'
export * as cogniacSchemas from './wires/cogniac.ts'
export * as coscineSchemas from './wires/coscine.ts'
export * as neuroioSchemas from './wires/neuroio.ts'
export * as sodarSchemas from './wires/sodar.ts'
export { irodsAuthPath } from './wires/sodar.ts'
