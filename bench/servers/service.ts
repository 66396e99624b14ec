// A service behind a proxy, which does next to nothing itself. Argument: what it answers to every request.

import { createServer } from 'node:http'
import { listen } from './listen.ts'

const [answer = ''] = process.argv.slice(2)
const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(answer) }

listen(createServer((_request, response) => void response.writeHead(200, headers).end(answer)))
