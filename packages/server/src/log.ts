import { destination, pino, stdSerializers, type DestinationStream, type Logger } from 'pino'
import type { LogLevel } from './config.ts'

/** The log, and the way to see it written. */
export interface Log {
  readonly log: Logger
  /** Writes what is still held back; for the last moment of the process. */
  readonly flush: () => void
}

/** So much of the log waits for whoever reads our output; what comes then is dropped, as the memory is not the log's. */
const unreadBytesMax = 16 * 1_024 * 1_024

/**
 * The log of the process on standard output: JSON lines for machines, readable lines where a person looks on. Lines
 * are events with fields.
 */
export async function openLog(level: LogLevel, { isTerminal }: { isTerminal: boolean }): Promise<Log> {
  // In the background, since whoever stops reading our output must not stop what answers requests; but in step with
  // what else is said on a terminal.
  const output = destination({ fd: 1, sync: isTerminal, maxLength: unreadBytesMax })
  const stream = isTerminal ? await readable(output) : output
  return {
    log: createLog(level, stream),
    flush() {
      try {
        output.flushSync()
      } catch {
        // Nobody reads any more, and there is nobody left to tell.
      }
    },
  }
}

/** A log that writes to any stream. Whatever is logged, no secret gets into it. */
export function createLog(level: LogLevel, stream: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err, error: stdSerializers.err },
      redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
      // The last gate. Fields that hold secrets are named above; this finds those that stand inside other text.
      hooks: { streamWrite: (line) => line.replace(secretPattern, '[redacted]') },
    },
    stream,
  )
}

const secretFields = [
  'token',
  'secret',
  'password',
  'cookie',
  'authorization',
  'headers',
  'presented',
  'digest',
  'passwordHash',
]

/** A whole token of any prefix, a password hash, a console cookie, a set-up code, a portal session. */
const secretPattern =
  /[a-z][a-z0-9]{1,15}_(?:acc|prj|mgr)_[0-9A-Za-z]{54}|\$argon2id\$[^\s"]+|ses_[0-9A-Za-z]{16}\.[0-9A-Za-z]{43}|[0-9a-z]+\.[0-9A-Za-z]{22}\.[\w-]{1,32}:[\w-]{43}|portal\.[\w-]{1,32}\.[\w~-]+\.[\w-]{43}/g

async function readable(output: DestinationStream): Promise<DestinationStream> {
  // Only where a person looks on, since loading it takes a tenth of the whole start.
  const { prettyFactory } = await import('pino-pretty')
  const pretty = prettyFactory({ colorize: true, translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname' })
  return { write: (line) => output.write(pretty(line)) }
}
