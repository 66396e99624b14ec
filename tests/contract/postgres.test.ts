import { newestPostgres } from '../services/postgres-programs.ts'
import { describeOnPostgres } from './on-postgres.ts'

describeOnPostgres(newestPostgres())
