import assert from 'node:assert/strict'

/** One request to a running server, with a token. @returns status and body. */
export async function ask(
  origin: string,
  method: string,
  path: string,
  { token, body, headers = {} }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(origin + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
}

/** The code with which a manager token hears a token verified. */
export async function codeOf(origin: string, manager: string, token: string): Promise<unknown> {
  const kinds = ['account', 'project', 'manager']
  const { status, body } = await ask(origin, 'POST', '/api/v1/tokens/verify', {
    token: manager,
    body: { token, kinds },
  })
  assert.equal(status, 200, JSON.stringify(body))
  return body.code
}

/** A permanent account token, with an account of its own. */
export async function issue(origin: string, manager: string, username: string): Promise<{ id: string; token: string }> {
  const account = await ask(origin, 'POST', '/api/v1/accounts', { token: manager, body: { username } })
  assert.equal(account.status, 201, JSON.stringify(account.body))
  const issued = await ask(origin, 'POST', '/api/v1/tokens', {
    token: manager,
    body: { account_id: account.body.id, label: username, permanent: true },
  })
  assert.equal(issued.status, 201, JSON.stringify(issued.body))
  return { id: String(issued.body.id), token: String(issued.body.token) }
}

export async function revoke(origin: string, manager: string, id: string): Promise<void> {
  const { status } = await ask(origin, 'DELETE', `/api/v1/tokens/${id}`, { token: manager })
  assert.equal(status, 204)
}
