import type { Position } from '@chatelaine/core'
import type { WriteRequest, WriteResults } from './requests.ts'

/** Where the stores send what is to be written: to the writer of this process, or to that of another. */
export interface Writing {
  /** @throws `unavailable` (rejects). */
  write<Do extends WriteRequest['do']>(request: Extract<WriteRequest, { do: Do }>): Promise<WriteResults[Do]>
  /** The end of the log, as it is known here. */
  position(): Position
}
