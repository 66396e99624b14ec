import type { Refusal, Wire, WireAnswer, WireRoute } from '../wire.ts'
import { showSecondFactor, trade } from './bearers.ts'
import { createKey, deleteKey, listKeys, showKey } from './keys.ts'
import { listTenants, showTenant, showUser } from './users.ts'

const routes: readonly WireRoute[] = [
  { method: 'GET', path: '/21/users/mfa/status', answer: showSecondFactor },
  { method: 'GET', path: '/1/token', answer: trade },
  { method: 'GET', path: '/1/oauth/token', answer: trade },
  { method: 'GET', path: '/1/users/current/tenants', answer: listTenants },
  { method: 'GET', path: '/1/tenants/current', answer: showTenant },
  { method: 'GET', path: '/1/users/:user', answer: showUser },
  { method: 'POST', path: '/1/users/:user/apiKeys', answer: createKey },
  { method: 'GET', path: '/1/users/:user/apiKeys', answer: listKeys },
  { method: 'GET', path: '/1/users/:user/apiKeys/:key', answer: showKey },
  { method: 'DELETE', path: '/1/users/:user/apiKeys/:key', answer: deleteKey },
]

/** Cogniac: keys that are traded for a bearer of each tenant. */
export const cogniac: Wire = {
  prefixes: ['/1/', '//1/', '/21/'],
  // Its client puts its path behind a base that ends in a slash, and is not to be redirected for that.
  routes: [...routes, ...routes.filter(({ path }) => path.startsWith('/1/')).map(doubled)],
  refuse,
}

function doubled(route: WireRoute): WireRoute {
  return { ...route, path: `/${route.path}` }
}

function refuse({ status, detail, headers }: Refusal): WireAnswer {
  return { status, headers, body: { message: detail } }
}
