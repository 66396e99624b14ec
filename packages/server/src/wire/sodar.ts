import { irodsAuthPath, sodarSchemas as schemas } from '@chatelaine/api/wires'
import { formatInstantOrNull, hourMs, issueToken, readOwnAccount, secondMs, type Account } from '@chatelaine/core'
import { readCredential, requireCredential } from '../http/credential.ts'
import { irodsAuth, namesBasic, requireOwner } from './irods-auth.ts'
import { authenticatePerson, isPassword } from './person.ts'
import { accountOf, wireJson, type Refusal, type Wire, type WireAnswer, type WireAsk } from './wire.ts'

/** SODAR: a token for user name and password, and tokens in place of passwords. */
export const sodar: Wire = {
  prefixes: ['/tokens/api/', '/irodsbackend/api/'],
  routes: [
    { method: 'POST', path: '/tokens/api/login', answer: logIn },
    // What does not look like the one request that is answered before any router.
    { method: 'GET', path: irodsAuthPath, answer: irodsAuth },
  ],
  refuse,
}

/** That system's login deletes the user's other tokens. Ours deletes none: whoever forgot one finds it in the list. */
async function logIn(ask: WireAsk): Promise<WireAnswer> {
  const { ports } = ask.service
  const caller = await authenticatePerson(ask.service, ask.incoming)
  requireCredential(caller)
  const accountId = accountOf(caller)
  const owner = await readOwnAccount(ports, caller)
  requireNamed(ask, owner)
  const { expiry, sodar_label: label } = ask.bytes.length === 0 ? {} : wireJson(ask, schemas.LogIn)
  const life =
    expiry === undefined || expiry === null || expiry === 0
      ? { permanent: true as const }
      : { lifetimeSeconds: (expiry * hourMs) / secondMs }
  const issued = await issueToken(ports, caller, { accountId, label: label ?? '', life, origin: 'sodar' })
  const body = {
    delete_count: 0,
    expiry: formatInstantOrNull(issued.token.expiresAt),
    sodar_label: issued.token.label,
    token: issued.repeated ? '' : issued.secret.reveal(),
    user_uuid: owner.uuid,
  }
  return { status: 201, body }
}

/** A token in place of a password stands beside the name of its owner. Beside no password it is the name itself. */
function requireNamed({ incoming }: WireAsk, { username }: Account): void {
  const credential = readCredential(incoming.headers)
  if (credential === undefined || credential === 'conflicting') return
  if (credential.username === undefined || isPassword(credential)) return
  requireOwner(username, credential)
}

const basicChallenge = { 'www-authenticate': 'Basic realm="chatelaine", charset="UTF-8"' }

function refuse({ key, status, detail, headers, faults = [], headersAsked }: Refusal): WireAnswer {
  if (key === 'invalid-request' && faults.length > 0) {
    const byField = Map.groupBy(faults, ({ pointer }) => pointer.slice(1) || 'non_field_errors')
    const body = Object.fromEntries([...byField].map(([field, some]) => [field, some.map(({ detail: one }) => one)]))
    return { status, headers, body }
  }
  if (status === 401) {
    const isTokenBad = key === 'credential-rejected' && !namesBasic(headersAsked)
    return {
      status,
      headers: isTokenBad ? headers : { ...headers, ...basicChallenge },
      body: { detail: isTokenBad ? 'Invalid token.' : detail },
    }
  }
  // Their clients know 403 for somebody who tried too often, and nothing else.
  return { status: key === 'too-many-attempts' ? 403 : status, headers, body: { detail } }
}
