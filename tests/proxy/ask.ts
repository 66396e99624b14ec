import { request, type IncomingHttpHeaders } from 'node:http'

export interface Request {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
}

export interface Heard {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Sends a request to whoever listens at this socket. */
export function askAt(socketPath: string, path: string, asked: Request): Promise<Heard> {
  const { method = 'GET', headers = {}, body } = asked
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path, method, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
    })
    asking.on('error', reject)
    asking.end(body)
  })
}
