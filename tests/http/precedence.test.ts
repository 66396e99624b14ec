import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { bodyBytesMax } from '@chatelaine/api'
import { openDeployment, secretOf, type Deployment } from './deployment.ts'

describe('of several problems the one that the documentation names first is told', () => {
  let deployment: Deployment

  before(async () => {
    deployment = await openDeployment()
  })
  after(() => deployment.close())

  test('for a request in which everything is wrong and is put right, one thing after the other', async () => {
    const ada = await deployment.member('ada')
    const create = async (body: object) => {
      const said = { as: deployment.root, body: { account_id: ada.id, ...body } }
      return secretOf(await deployment.ask('createToken', said))
    }
    const narrow = await create({ scopes: ['data:read'] })
    const maker = await create({ scopes: ['chatelaine.tokens:write', 'data:read'] })
    // The one that she signed up with is the fifth.
    for (let count = 1; count < 5; count += 1) await create({ permanent: true })
    const dead = await create({})
    await deployment.send('POST', '/oauth/revoke', { form: { token: dead } })

    const told: (string | undefined)[] = []
    let request = {
      method: 'PUT',
      path: '/api/v1/nowhere',
      query: `?x=${maker}`,
      as: dead,
      headers: { 'content-type': 'text/plain', 'x-api-key': maker },
      body: `{${' '.repeat(bodyBytesMax)}`,
    }
    const send = async (righted: Partial<typeof request>) => {
      request = { ...request, ...righted }
      const { method, path, query, ...said } = request
      told.push((await deployment.send(method, `${path}${query}`, said)).problem)
    }
    const json = { 'content-type': 'application/json' }
    const body = { colour: 'red', project_id: 'prj_0000000000000000', scopes: ['data:write'], permanent: true }
    const { colour: _colour, ...known } = body
    const { project_id: _project, ...own } = known

    await send({})
    await send({ query: '?x=1' })
    await send({ path: '/api/v1/tokens' })
    await send({ method: 'POST' })
    await send({ body: '{' })
    await send({ headers: { 'content-type': 'text/plain', 'x-api-key': dead } })
    await send({ as: narrow, headers: { 'content-type': 'text/plain', 'x-api-key': narrow } })
    await send({ query: '' })
    await send({ headers: { ...json, 'x-api-key': narrow } })
    await send({ body: JSON.stringify(body) })
    await send({ body: JSON.stringify(known) })
    await send({ as: maker, headers: { ...json, 'x-api-key': maker } })
    await send({ body: JSON.stringify(own) })
    await send({ as: ada.token, headers: { ...json, 'x-api-key': ada.token } })
    assert.deepEqual(told, documented())
  })
})

/** The order in docs/errors, each by the one problem that stands for its step. */
function documented(): string[] {
  const page = readFileSync(new URL('../../docs/errors/README.md', import.meta.url), 'utf8')
  return [...page.matchAll(/^\d+\. [^[]*\[([a-z-]+)\]/gm)].map((match) => match[1]!)
}
