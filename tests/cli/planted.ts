// A tree of files with tokens in it, each written as people really write them, and with much that only looks like one.

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateToken, type Random, type TokenKind } from '@chatelaine/token'

export interface Planted {
  /** Below the root of the tree. */
  readonly file: string
  readonly line: number
  readonly id: string
  readonly token: string
}

type Writing = (token: string) => string | Buffer

const base64 = (text: string) => Buffer.from(text).toString('base64')
const utf16 = (text: string) => Buffer.from(text, 'utf16le')

/** How tokens come to stand in files. Each ends the line that it begins. */
export const writings: Readonly<Record<string, Writing>> = {
  alone: (token) => token,
  'with a newline of Windows': (token) => `${token}\r\n`,
  'behind a mark of UTF-8': (token) => `\ufeff${token}\n`,
  'in single quotes': (token) => `TOKEN='${token}'\n`,
  'in JSON': (token) => `${JSON.stringify({ token, other: 1 })}\n`,
  'in JSON in JSON': (token) => `${JSON.stringify({ body: JSON.stringify({ token }) })}\n`,
  'in JSON with escaped quotes': (token) => `{"body": "\\u0022${token}\\u0022"}\n`,
  'behind an escaped newline': (token) => `const text = "token:\\n${token}\\n"\n`,
  'in YAML': (token) => `  token: ${token} # mine\n`,
  'in a file of variables': (token) => `export CHATELAINE_TOKEN=${token}\n`,
  'in a header': (token) => `curl -H "Authorization: Bearer ${token}" https://example.org\n`,
  'in the query of a URL': (token) => `https://example.org/?a=1&token=${token}&b=2\n`,
  'in the path of a URL': (token) => `https://example.org/hooks/${token}/run\n`,
  'as the password of a URL': (token) => `git clone https://me:${token}@example.org/x.git\n`,
  'between escapes of a URL': (token) => `https://example.org/?q=%22${token}%22\n`,
  'in XML': (token) => `<add key="token" value="${token}"/><t>${token.slice(0, 9)}</t>\n`,
  'in Markdown': (token) => `Use \`${token}\` for that.\n`,
  'in CSV': (token) => `1;ci;${token};2026\n`,
  'in a long line': (token) => `${'var a=1;'.repeat(4_000)}b="${token}";${'c();'.repeat(4_000)}\n`,
  'in text of other scripts': (token) => `Das Schlüsselwort „${token}“ 鍵は秘密です\n`,
  'in base64': (token) => `token: ${base64(token)}\n`,
  'in base64, second place': (token) => `${base64(`x${token}`)}\n`,
  'in base64, third place': (token) => `${base64(`xy${token}z`)}\n`,
  'in Basic': (token) => `Authorization: Basic ${base64(`ada:${token}`)}\n`,
  'in base64 for URLs, in JSON': (token) =>
    `https://example.org/${Buffer.from(JSON.stringify({ a: '?>~ÿ', token, b: 1 })).toString('base64url')}\n`,
  'in UTF-16, as Windows writes it': (token) => utf16(`\ufeffset TOKEN=${token}\r\n`),
  'in UTF-16, the high byte first': (token) => Buffer.from(utf16(`\ufeff${token}\n`)).swap16(),
  'in UTF-16 without a mark': (token) => utf16(`TOKEN="${token}"\r\n`),
}

/** What a careless search would take for a token. */
const decoys: readonly ((token: string) => string)[] = [
  (token) => token.slice(0, -1) + (token.endsWith('0') ? '1' : '0'),
  (token) => token.slice(0, 30) + (token[30] === 'a' ? 'b' : 'a') + token.slice(31),
  (token) => token.slice(0, -2),
  (token) => token.replace('_acc_', '_abc_').replace('_prj_', '_abc_').replace('_mgr_', '_abc_'),
  (token) => `${token.slice(0, 40)}\n${token.slice(40)}`,
  (token) => base64(token.slice(0, 50)),
  (token) => base64(token.toLowerCase()),
]

const kinds: readonly TokenKind[] = ['account', 'project', 'manager']
const prefixes = ['chl', 'ab', 'a234567890123456', 'glpat']

/** Fills a directory with files, of which some hold a token each. */
export function plant(root: string, fileCount: number, tokenCount: number, random: Random): Planted[] {
  const planted: Planted[] = []
  const every = Math.floor(fileCount / tokenCount)
  const names = Object.keys(writings)
  for (let number = 0; number < fileCount; number++) {
    const file = join(`d${number % 97}`, `e${number % 13}`, `${number}.txt`)
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    const filling = fill(number, random)
    const nth = number / every
    if (!Number.isInteger(nth) || nth >= tokenCount) {
      writeFileSync(path, filling)
      continue
    }
    const spec = { prefix: prefixes[nth % prefixes.length]!, kind: kinds[nth % kinds.length]! }
    const { token, id } = generateToken(spec, random)
    const written = writings[names[nth % names.length]!]!(token.reveal())
    // What is UTF-16 is so from its first byte on, and a mark of UTF-8 is the first thing in a file.
    const isFirst = typeof written !== 'string' || written.startsWith('\ufeff')
    const before = isFirst ? '' : filling
    writeFileSync(path, Buffer.concat([Buffer.from(before), Buffer.from(written)]))
    planted.push({ file, line: before.split('\n').length, id, token: token.reveal() })
  }
  return planted
}

/** Some lines of what is in repositories, with something in every third file that only looks like a token. */
function fill(number: number, random: Random): string {
  const lines = Array.from({ length: 5 + (number % 40) }, (_, index) => {
    return index % 3 === 0
      ? `import { thing${index} } from './module-${number % 31}.ts' // ${'words and words '.repeat(index % 5)}`
      : `  const value_${index} = compute(${number}, "${Buffer.from(random(12)).toString('hex')}")`
  })
  if (number % 3 !== 0) return `${lines.join('\n')}\n`
  const { token } = generateToken({ prefix: 'chl', kind: 'account' }, random)
  const decoy = decoys[(number / 3) % decoys.length]!(token.reveal())
  const integrity = `sha512-${Buffer.from(random(64)).toString('base64')}`
  return `${[...lines, decoy, integrity].join('\n')}\n`
}
