import { createInterface } from 'node:readline'
import { Failure } from '@chatelaine/core'
import { openSqlite, type SqliteStorage } from '@chatelaine/storage/sqlite'
import { random } from './opened.ts'

/** The other side of `startLimited`: opens the place that the test made. */
export async function openPlace(): Promise<SqliteStorage> {
  const { directory, journalDirectory, ringText } = JSON.parse(process.env.PLACE!)
  const onDamaged = (): never => process.exit(2)
  return openSqlite({ directory, journalDirectory, ringText, random, onDamaged, onFault: () => {} })
}

const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Says something to the test, and waits until it lets the program go on. */
export async function sayAndWait(what: unknown): Promise<void> {
  process.stdout.write(`${JSON.stringify(what)}\n`)
  await orders.next()
}

/** The key of the failure with which something was refused; `undefined` when it was done. */
export async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    return error instanceof Failure ? error.key : String(error)
  }
}
