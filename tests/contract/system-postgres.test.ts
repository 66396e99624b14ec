import { systemPostgres } from '../services/postgres-programs.ts'
import { describeOnPostgres } from './on-postgres.ts'

describeOnPostgres(systemPostgres())
