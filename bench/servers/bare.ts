// The floor that verification is measured against: `node:http` with its default settings, which reads the body, parses
// it and answers always the same bytes. Argument: the answer.

import { createServer } from 'node:http'
import { listen } from './listen.ts'

const [answer = '{}'] = process.argv.slice(2)
const answerBytes = Buffer.byteLength(answer)

listen(
  createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answerBytes })
      response.end(answer)
    })
  }),
)
