export { openPostgres, type PostgresOptions, type PostgresStatistics, type PostgresStorage } from './open.ts'
export {
  previewRestorePostgres,
  restorePostgres,
  type PostgresRestoreOptions,
  type PostgresRestorePreview,
} from './restore.ts'
