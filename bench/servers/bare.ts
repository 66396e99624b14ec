// The floor that verification is measured against: `node:http` with its default settings, which reads the body, parses
// it and answers always the same bytes. Arguments: the answer, and its header fields as a JSON object.

import { createServer } from 'node:http'
import { listen } from './listen.ts'

const [answer = '{}', fields = '{}'] = process.argv.slice(2)
const headers = JSON.parse(fields) as Record<string, string>

listen(
  createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString())
      response.writeHead(200, headers)
      // As text: Node sends it together with the header, where bytes would cost it a second piece.
      response.end(answer)
    })
  }),
)
