import { serveWriter } from '../../sql/write/serve-writer.ts'
import { GroupCommitter, type CommitterOptions } from './group-committer.ts'

export type WriterData = Omit<CommitterOptions, 'onDamaged' | 'onFault'>

await serveWriter((data, events) => new GroupCommitter({ ...(data as WriterData), ...events }))
