import { Failure, fitHandoff, redeemGrant } from '@chatelaine/core'
import { tokenIdLead } from '@chatelaine/token'
import { serveHandOff, type HandOff } from '../../http/hand-off.ts'
import { html } from '../../http/html.ts'
import { HttpProblem } from '../../http/problem.ts'
import type { PageRequest } from '../../http/visit.ts'
import type { Service } from '../../service.ts'

/** Where that system's command sends a browser, to wait for a key on the person's own computer. */
export const cliAuthPath = '/app/cli-auth'

const client = 'Cogniac command line'
const stateLengthMax = 1_024

/**
 * `cogniac auth login`: in the shape of RFC 8252, with the key itself where a code would be. It leads nowhere but to this
 * computer.
 */
export async function cliAuth(service: Service, asked: PageRequest): Promise<Response> {
  const { pathname, search, searchParams } = new URL(asked.request.url)
  const origin = `http://127.0.0.1:${readPort(searchParams)}`
  const state = readState(searchParams)
  const back = (answer: Readonly<Record<string, string>>): Response => {
    const query = new URLSearchParams({ ...answer, state })
    return new Response(null, { status: 302, headers: { location: `${origin}/cb?${query.toString()}` } })
  }
  const ask = await fitHandoff(service.ports, {
    client,
    label: client,
    life: { permanent: true },
    origin: 'cogniac',
    target: { kind: 'redirect', url: `${origin}/cb` },
  })
  if (ask === undefined) throw new Failure('not-permitted', 'No scope is left here that a key could have.')
  const handOff: HandOff = {
    here: `${pathname}${search}`,
    purpose: html`<p>Then decide whether <strong>${client}</strong> may have a key of yours.</p>`,
    leadsTo: origin,
    ask: async () => ask,
    async answer(consent, _ask, peer) {
      if (!consent.agreed) return back({ error: 'access_denied' })
      const handed = await redeemGrant(service.ports, peer, consent.grant)
      if (!handed.handed) throw new Failure('not-permitted', handed.because)
      return back({ code: `${handed.token.id.slice(tokenIdLead.length)}:${handed.secret.reveal()}` })
    },
  }
  return serveHandOff(service, asked, handOff)
}

/** @throws `bad-request` in words for the person: without a port there is nobody else to tell. */
function readPort(parameters: URLSearchParams): number {
  const [text = '', ...more] = parameters.getAll('port')
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0
  if (more.length === 0 && port >= 1 && port <= 65_535) return port
  throw new HttpProblem(
    'bad-request',
    'The program that sent you here did not say at which port it waits. Start it again.',
  )
}

function readState(parameters: URLSearchParams): string {
  const [state = '', ...more] = parameters.getAll('state')
  if (more.length === 0 && state.length <= stateLengthMax && /^[\x20-\x7e]*$/.test(state)) return state
  throw new HttpProblem('bad-request', 'The program that sent you here sent a state that is no state. Start it again.')
}
