import * as fc from 'fast-check'

/** Bytes that are no request that anybody may send, though they begin as one that would be granted. */
export interface MalformedRequest {
  readonly fault: string
  readonly bytes: Buffer
  /** The sender breaks off, where the server would have to wait for the rest. */
  readonly endsEarly: boolean
}

/** What the request that follows a refused one on its connection would leave behind. */
export const smuggledLabel = 'smuggled'

/**
 * So many malformed requests, the same for the same seed.
 * @param token a manager token, so that whatever is let pass is carried out
 */
export function malformedRequests(token: string, { seed, count }: { seed: number; count: number }): MalformedRequest[] {
  const requests = Object.entries(faults).map(([fault, { asked, spoil, ...how }]) =>
    asked.chain(spoil).map((text): MalformedRequest => {
      const follower = how.isFraming === true ? render(creationOf(`${smuggledLabel} behind: ${fault}`)) : ''
      const bytes = Buffer.from(`${text}${follower}`.replaceAll('TOKEN', token), 'latin1')
      return { fault, bytes, endsEarly: how.endsEarly === true }
    }),
  )
  return fc.sample(fc.oneof(...requests), { seed, numRuns: count })
}

interface Plain {
  readonly method: string
  readonly target: string
  readonly version: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

const common = [
  ['Host', 'tokens.example.com'],
  ['Authorization', 'Bearer TOKEN'],
] as const

function plain(method: string, target: string, body?: string): Plain {
  const ofBody = body === undefined ? [] : ([['Content-Type', 'application/json'], contentLength(body)] as const)
  return { method, target, version: 'HTTP/1.1', headers: [...common, ...ofBody], body: body ?? '' }
}

function contentLength(body: string) {
  return ['Content-Length', String(Buffer.byteLength(body.replaceAll('TOKEN', 'x'.repeat(62)), 'latin1'))] as const
}

/** What shows afterwards whether it was carried out. */
function creationOf(label: string): Plain {
  const body = { label, kind: 'manager', scopes: ['chatelaine.tokens:verify'] }
  return plain('POST', '/api/v1/tokens', JSON.stringify(body))
}

/** As they stand all of these are granted. */
const granted = {
  verification: plain('POST', '/api/v1/tokens/verify', '{"token":"TOKEN","kinds":["manager"]}'),
  creation: creationOf(smuggledLabel),
  list: plain('GET', '/api/v1/tokens'),
  self: plain('GET', '/api/v1/tokens/self'),
  health: plain('GET', '/healthz'),
}

const anyOf = fc.constantFrom(...Object.values(granted))
const withBody = fc.constantFrom(granted.verification, granted.creation)
const withoutBody = fc.constantFrom(granted.list, granted.self, granted.health)

function render({ method, target, version, headers, body }: Plain, lineEnd = '\r\n'): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${target} ${version}`, ...lines, '', body].join(lineEnd)
}

function withHeader(request: Plain, name: string, value: string): Plain {
  return { ...request, headers: [...request.headers, [name, value]] }
}

function without(request: Plain, name: string): Plain {
  return { ...request, headers: request.headers.filter((header) => header[0] !== name) }
}

/** The last request on its connection, so that whatever is answered, the server closes afterwards. */
function last(request: Plain): string {
  return render(withHeader(request, 'Connection', 'close'))
}

/** In place of a body with a length, one in chunks. */
function chunked(request: Plain, body: string): Plain {
  return { ...withHeader(without(request, 'Content-Length'), 'Transfer-Encoding', 'chunked'), body }
}

/** The request with a head that has this line more, as it stands. */
function withLine(request: Plain, line: string): string {
  return render(request).replace('\r\n', () => `\r\n${line}\r\n`)
}

interface Fault {
  readonly asked: fc.Arbitrary<Plain>
  readonly spoil: (request: Plain) => fc.Arbitrary<string>
  /** How the request is framed is in doubt: the connection ends, and what follows on it is never carried out. */
  readonly isFraming?: true
  readonly endsEarly?: true
}

const controls = fc.constantFrom('\0', '\x01', '\x07', '\x0b', '\x1b', '\x7f')
const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('A', 'B', 'X', 'a', 'b', 'x') })
const noise = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

function framing(asked: fc.Arbitrary<Plain>, spoil: Fault['spoil']): Fault {
  return { asked, spoil, isFraming: true }
}

const faults: Readonly<Record<string, Fault>> = {
  'unknown method': framing(anyOf, (request) =>
    fc
      .oneof(fc.constantFrom('get', 'Post', 'GETT', 'BREW', '', 'G ET', 'GET,POST', '"GET"', '\xa0GET'), word)
      .filter((method) => !/^[A-Z]{3,}$/.test(method) || ['GETT', 'BREW'].includes(method))
      .map((method) => render({ ...request, method })),
  ),
  'TRACE or CONNECT': framing(withoutBody, (request) =>
    fc
      .tuple(fc.constantFrom('TRACE', 'CONNECT'), fc.constantFrom('/healthz', 'tokens.example.com:443', '/'))
      .map(([method, target]) => render({ ...request, method, target })),
  ),
  'target that is no path': framing(anyOf, (request) =>
    fc
      .constantFrom('healthz', '*', '', '?q=1', '#x', 'http:/healthz', '\\healthz', '/..\0', '@host')
      .map((target) => render({ ...request, target })),
  ),
  'target with a fragment': framing(anyOf, (request) =>
    fc.constantFrom('#', '#x', '?#', '#?q=1').map((end) => render({ ...request, target: `${request.target}${end}` })),
  ),
  'absolute target': framing(anyOf, (request) =>
    fc
      .constantFrom('http://tokens.example.com', 'HTTPS://other.example', 'ftp://a', 'http://a:1@b', 'file://')
      .map((origin) => render({ ...request, target: `${origin}${request.target}` })),
  ),
  'control character or space in the target': framing(anyOf, (request) =>
    fc.tuple(fc.oneof(controls, fc.constantFrom(' ', '\t', '\r')), fc.nat(8)).map(([sign, at]) => {
      const { target } = request
      return render({ ...request, target: `${target.slice(0, 1 + at)}${sign}x${target.slice(1 + at)}` })
    }),
  ),
  'unknown version': framing(anyOf, (request) =>
    fc
      .constantFrom(
        'HTTP/0.9',
        'HTTP/1.2',
        'HTTP/2.0',
        'HTTP/3.0',
        'HTTP/1',
        'HTTP/11',
        'http/1.1',
        'HTTP/1.1x',
        'X/1.1',
        '',
        'ICE/1.0',
      )
      .map((version) => render({ ...request, version })),
  ),
  'no Host': framing(anyOf, (request) =>
    fc.constantFrom('HTTP/1.0', 'HTTP/1.1').map((version) => render({ ...without(request, 'Host'), version })),
  ),
  'Host that is no name': framing(anyOf, (request) =>
    fc
      .constantFrom('a b', 'x@y', 'a/b', 'a?b', 'a#b', 'a\\b', 'a,b', '"a"', '', '\xe4')
      .map((host) => render(withHeader(without(request, 'Host'), 'Host', host))),
  ),
  'header twice': framing(withBody, (request) =>
    fc
      .tuple(fc.constantFrom(...request.headers), fc.boolean(), fc.boolean())
      .map(([[name, value], isSame, isShouted]) =>
        render(withHeader(request, isShouted ? name.toUpperCase() : name, isSame ? value : '7')),
      ),
  ),
  'Content-Length that is no number': framing(withBody, (request) =>
    fc
      .constantFrom('', '-1', '+5', '5, 5', '5 5', '0x10', '1e3', '5.0', 'five', '99999999999999999999', '\xb2')
      .map((length) => render(withHeader(without(request, 'Content-Length'), 'Content-Length', length))),
  ),
  'Transfer-Encoding beside Content-Length': framing(withBody, (request) =>
    fc
      .constantFrom('chunked', 'Chunked', 'identity', 'gzip, chunked')
      .map((coding) => render(withHeader(request, 'Transfer-Encoding', coding))),
  ),
  'Transfer-Encoding that is not chunked': framing(withBody, (request) =>
    fc
      .constantFrom(
        'identity',
        'gzip',
        'gzip, chunked',
        'chunked, chunked',
        'chunked, identity',
        'xchunked',
        'chunked;q=1',
        '"chunked"',
        'chunked\x0b',
        '',
      )
      .map((coding) => {
        const { body } = request
        const inChunks = chunked(request, `${lengthInHex(body)}\r\n${body}\r\n0\r\n\r\n`)
        return render(inChunks).replace('Transfer-Encoding: chunked', () => `Transfer-Encoding: ${coding}`)
      }),
  ),
  'Transfer-Encoding in HTTP/1.0': framing(withBody, (request) => {
    const { body } = request
    const inChunks = chunked(request, `${lengthInHex(body)}\r\n${body}\r\n0\r\n\r\n`)
    return fc.constant(render({ ...inChunks, version: 'HTTP/1.0' }))
  }),
  'Transfer-Encoding hidden by its spelling': framing(withBody, (request) =>
    fc
      .constantFrom(
        'Transfer-Encoding : chunked',
        ' Transfer-Encoding: chunked',
        'Transfer-Encoding\t: chunked',
        '\x0bTransfer-Encoding: chunked',
        'X: y\nTransfer-Encoding: chunked',
        'X: y\rTransfer-Encoding: chunked',
      )
      .map((line) => withLine(request, line)),
  ),
  'chunk that is none': framing(withBody, (request) =>
    fc
      .constantFrom(
        'zz\r\n',
        '-1\r\n',
        'ffffffffffffffff1\r\n',
        '5\nhello\n0\n\n',
        '5\r\nhelloX',
        '\r\n\r\n',
        '0x5\r\nhello\r\n',
        '5 5\r\nhello\r\n',
        '5\rhello',
        '1;\x00\r\nx\r\n',
      )
      .map((body) => render(chunked(request, body))),
  ),
  'chunk with extensions without end': framing(withBody, (request) =>
    fc.nat(9_000).map((more) => render(chunked(request, `5;${'x'.repeat(17_000 + more)}\r\nhello\r\n0\r\n\r\n`))),
  ),
  'lines without carriage return': framing(anyOf, (request) =>
    fc.constantFrom('\n', '\r', '\n\r').map((lineEnd) => render(request, lineEnd)),
  ),
  'header line that is none': framing(anyOf, (request) =>
    fc
      .constantFrom(
        'Nothing',
        ': x',
        'X Y: z',
        'X\0: y',
        'X(: y',
        'X: a\0b',
        'X: a\x01b',
        'X: a\rb',
        'X: a\nb',
        '\xe9: x',
        ' folded: x',
        '\tfolded',
        '"X": y',
        'X:y\x7f',
      )
      .map((line) => withLine(request, line)),
  ),
  'folded header': framing(anyOf, (request) =>
    fc.constantFrom(' folded', '\tfolded').map((fold) => withLine(request, `X-Long: begins\r\n${fold}`)),
  ),
  'header that is too long': framing(anyOf, (request) =>
    fc.nat(20_000).map((more) => render(withHeader(request, 'X-Long', 'x'.repeat(8_192 + more)))),
  ),
  'target that is too long': framing(withoutBody, (request) =>
    fc.nat(20_000).map((more) => render({ ...request, target: `${request.target}?${'x'.repeat(8_192 + more)}` })),
  ),
  'too many headers': framing(anyOf, (request) =>
    fc.integer({ min: 65, max: 900 }).map((count) => {
      const more = Array.from({ length: count - request.headers.length }, (_, index) => [`X${index}`, ''] as const)
      return render({ ...request, headers: [...request.headers, ...more] })
    }),
  ),
  'Content-Encoding': framing(withBody, (request) =>
    fc
      .constantFrom('gzip', 'br', 'deflate', 'identity', '', 'x, y')
      .map((coding) => render(withHeader(request, 'Content-Encoding', coding))),
  ),
  'another protocol': {
    asked: anyOf,
    spoil: (request) =>
      fc.constantFrom(
        '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'SSH-2.0-OpenSSH_9.7\r\n',
        '\0\0\0\0',
        '*1\r\n$4\r\nPING\r\n',
        `GET ${request.target}\r\n`,
        '\r\n\r\n\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      ),
    endsEarly: true,
  },
  noise: { asked: anyOf, spoil: () => noise, endsEarly: true },
  'noise in the middle': {
    asked: anyOf,
    spoil: (request) =>
      fc.tuple(noise, fc.nat(300)).map(([text, at]) => {
        const good = render(request)
        const place = at % (good.length - request.body.length - 2)
        return `${good.slice(0, place)}\0${text}${good.slice(place)}`
      }),
    endsEarly: true,
  },
  'request that breaks off': {
    asked: anyOf,
    spoil: (request) => {
      const good = render(request)
      return fc.nat(good.length - 2).map((end) => good.slice(0, 1 + end))
    },
    endsEarly: true,
  },
  'body in chunks that breaks off': {
    asked: withBody,
    spoil: (request) =>
      fc
        .constantFrom(
          '',
          '5',
          '5\r',
          '5\r\n',
          '5\r\nhel',
          '5\r\nhello',
          '5\r\nhello\r\n',
          '5\r\nhello\r\n0\r\n',
          'ffff\r\n',
        )
        .map((body) => render(chunked(request, body))),
    endsEarly: true,
  },
  'expectation that nobody meets': framing(withBody, (request) =>
    fc.constantFrom('200-ok', 'x').map((value) => render(withHeader(request, 'Expect', value))),
  ),
  'method that the path does not know': {
    asked: withoutBody,
    spoil: (request) =>
      fc
        .constantFrom('PUT', 'PATCH', 'PROPFIND', 'MKCOL', 'LOCK', 'PURGE', 'M-SEARCH', 'QUERY', 'LINK', 'SOURCE')
        .map((method) => last({ ...request, method, target: `${request.target}/x` })),
  },
  'path to nowhere': {
    asked: withoutBody,
    spoil: (request) =>
      fc
        .constantFrom(
          '/%00',
          '/%zz',
          '/..%2f..%2fetc/passwd',
          '/\xff\xfe',
          '/tok_x',
          '//',
          '/x/../..',
          '/%',
          '/api/v1/tokens/%e0%a4',
        )
        .map((path) => last({ ...request, target: `/api/v1/tokens/x${path}` })),
  },
  'query that nobody asks': {
    asked: fc.constant(granted.list),
    spoil: (request) =>
      fc
        .constantFrom(
          'limit=-1',
          'limit=1e9',
          'limit=1&limit=2',
          'cursor=x',
          'status=x',
          '%00=1',
          'sort=--',
          '__proto__=1',
        )
        .map((query) => last({ ...request, target: `${request.target}?${query}` })),
  },
  'type that is not JSON': {
    asked: withBody,
    spoil: (request) =>
      fc
        .constantFrom(
          'text/plain',
          'application/xml',
          'application/json; charset=latin1',
          '',
          'json',
          'multipart/form-data',
        )
        .map((type) => last(withHeader(without(request, 'Content-Type'), 'Content-Type', type))),
  },
  'body that is not what is asked for': {
    asked: withBody,
    spoil: (request) =>
      fc
        .oneof(
          fc.constantFrom(
            '',
            ' ',
            'null',
            '[]',
            '0',
            '{',
            '{"a"}',
            '{"token":1}',
            '{"__proto__":{}}',
            '{"label":"\\ud800"}',
            '\xef\xbb\xbf{}',
            '\xff',
            '{"label":"x","label":"y"}',
            '1e999',
            '{"label":"\x01"}',
          ),
          fc.integer({ min: 20, max: 30_000 }).map((depth) => '['.repeat(depth)),
          fc.integer({ min: 20, max: 5_000 }).map((depth) => '{"a":'.repeat(depth)),
          fc.nat(9_000).map((more) => 'x'.repeat(65_537 + more)),
          noise,
        )
        .map((body) => {
          const [name, value] = contentLength(body)
          return last({ ...withHeader(without(request, 'Content-Length'), name, value), body })
        }),
  },
}

function lengthInHex(body: string): string {
  return Number(contentLength(body)[1]).toString(16)
}
