// A program that uses the package as it is installed: `package-user.ts <url> <manager token> <directory>`. It says what it saw.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, createVerifier, isProblem } from '@chatelaine/sdk'
import { requireToken as requireInFetch } from '@chatelaine/sdk/fetch'
import { requireToken } from '@chatelaine/sdk/http'
import { autoRenew, loadToken, writeTokenFile } from '@chatelaine/sdk/node'
import { TestChatelaine } from '@chatelaine/sdk/testing'

const [url = '', managerToken = '', directory = ''] = process.argv.slice(2)
const seen: string[] = []

const client = createClient({ url, token: managerToken })
const account = await client.accounts.create({ username: crypto.randomUUID() })
const renewableUntil = new Date(Date.now() + 9 * 86_400_000).toISOString()
const issued = await client.tokens.create({ account_id: account.id, renewable_until: renewableUntil })
seen.push(`created, printed as ${String(issued.token)}`)

const refused = await client.tokens
  .create({ account_id: account.id, scopes: ['Not A Scope'] })
  .catch((error: unknown) => error)
seen.push(`refused: ${isProblem(refused, 'invalid-request') && refused.faults[0]?.pointer}`)

const file = `${directory}/my.token`
await writeTokenFile(file, issued.token)
const loaded = await loadToken({ directory })
seen.push(`loaded from ${loaded.origin.type}`)

const verifier = createVerifier({ url, token: managerToken })
const isRemembered = () => !(verifier.verify(loaded.reveal()) instanceof Promise)
for (let i = 0; i < 1_000 && !isRemembered(); i++) await verifier.verify(loaded.reveal())
seen.push(`verified from memory: ${isRemembered()}`)

const guarded = requireInFetch(verifier, {}, (_, token) => new Response(token.token_id))
const answer = await guarded(new Request('http://x/', { headers: { authorization: `Bearer ${loaded.reveal()}` } }))
seen.push(`fetch handler: ${(await answer.text()) === issued.id}`)

const server = createServer(
  requireToken(verifier, {}, (request, response) => response.end(request.chatelaine.token_id)),
)
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const turnedAway = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
seen.push(`node:http: ${turnedAway.status} ${turnedAway.headers.get('www-authenticate')}`)
server.close()

const renewal = await autoRenew({ url, token: loaded })
await renewal.renew()
seen.push(`renewed: ${(await loadToken({ directory })).reveal() === (await renewal.token()).reveal()}`)
renewal.close()

await client.tokens.revoke(issued.id, {}, { wait: 'verifiers' })
seen.push(`after its revocation: ${(await verifier.verify(loaded.reveal())).code}`)
await verifier.close()

const chatelaine = new TestChatelaine()
seen.push(`in a test: ${chatelaine.verify(chatelaine.issue().token.reveal()).code}`)

process.stdout.write(JSON.stringify(seen))
