/**
 * Which server this is, and on which timeline, as an expression: one that takes over from another, or was put back to an
 * earlier point in time, goes on under another number
 * (https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES).
 */
export const currentHistory = `(SELECT system_identifier FROM pg_control_system())
  || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)`
