import type { TestContext } from 'node:test'
import { Connection } from '../src/sqlite/connection.ts'
import { Journal } from '../src/journal/journal.ts'

/** Faults of the disk at moments that no limit of the system can hit. Each is met once, and then all is well again. */
export class FailingDisk {
  readonly #context: TestContext

  constructor(context: TestContext) {
    this.#context = context
  }

  /** The next commit is written, and says that it was not. */
  failAfterCommit(): void {
    // oxlint-disable-next-line typescript/unbound-method -- it is called on the connection that it is met on.
    const { exec } = Connection.prototype
    const mock = this.#context.mock.method(Connection.prototype, 'exec', function (this: Connection, sql: string) {
      exec.call(this, sql)
      if (sql !== 'COMMIT') return
      mock.mock.restore()
      throw diskError()
    })
  }

  failNextOpening(): void {
    this.#context.mock.method(Connection, 'openWriter').mock.mockImplementationOnce(() => {
      throw diskError()
    })
  }

  failNextJournal(): void {
    this.#context.mock.method(Journal.prototype, 'append').mock.mockImplementationOnce(() => {
      throw diskError()
    })
  }
}

function diskError(): Error {
  return new Error('disk I/O error')
}
