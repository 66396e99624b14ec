import { words } from '../words/words.ts'

/** One way of handing a token to a program without writing it into the program. No snippet holds the secret. */
export interface Snippet {
  readonly name: string
  readonly explanation: string
  readonly code: (where: { readonly origin: string; readonly file: string }) => string
}

const text = words.secret.snippets

/** All of them, in the order of their tabs. */
export const snippets: readonly Snippet[] = [
  {
    name: 'Linux',
    explanation: text.linux,
    code: () => `read -rs CHATELAINE_TOKEN && export CHATELAINE_TOKEN`,
  },
  {
    name: 'macOS',
    explanation: text.macos,
    code: () => `read -rs CHATELAINE_TOKEN && export CHATELAINE_TOKEN`,
  },
  {
    name: 'Windows',
    explanation: text.windows,
    code: () =>
      `$env:CHATELAINE_TOKEN = [Net.NetworkCredential]::new('', (Read-Host -AsSecureString 'Token')).Password`,
  },
  {
    name: text.file,
    explanation: text.fileText,
    code: ({ file }) => `echo '*.token' >> .gitignore\nmv ~/Downloads/${file} .\nchmod 600 ${file}`,
  },
  {
    name: 'curl',
    explanation: text.curl,
    code: ({ origin }) =>
      `printf 'Authorization: Bearer %s\\n' "$CHATELAINE_TOKEN" | curl -sS -H @- ${origin}/api/v1/tokens/self`,
  },
  {
    name: 'Python',
    explanation: text.program,
    code: ({ origin }) =>
      `import os, urllib.request

token = os.environ["CHATELAINE_TOKEN"].strip()
request = urllib.request.Request(
    "${origin}/api/v1/tokens/self",
    headers={"Authorization": f"Bearer {token}"},
)
print(urllib.request.urlopen(request).status)`,
  },
  {
    name: 'TypeScript',
    explanation: text.program,
    code: ({ origin }) =>
      `import { createClient } from '@chatelaine/sdk'
import { loadToken } from '@chatelaine/sdk/node'

const token = await loadToken()
const client = createClient({ url: '${origin}', token })
console.log(await client.tokens.getSelf())`,
  },
  { name: text.ci, explanation: text.ciText, code: () => `gh secret set CHATELAINE_TOKEN` },
]
