import { randomBytes } from 'node:crypto'
import { serveWriter } from '../../sql/write/serve-writer.ts'
import { PostgresCommitter, type PostgresCommitterOptions } from './committer.ts'

export type WriterData = Pick<PostgresCommitterOptions, 'url' | 'journalDirectory' | 'ringText'>

const random = (count: number): Uint8Array => randomBytes(count)

await serveWriter((data, events) => PostgresCommitter.open({ ...(data as WriterData), ...events, random }))
