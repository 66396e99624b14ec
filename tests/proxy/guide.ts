import { readFileSync } from 'node:fs'
import { inRoot } from '../../tools/root.ts'

/** The block of this language on the page about forward authentication. */
export function guideBlock(language: string): string {
  const page = readFileSync(inRoot('docs/guides/forward-authentication.md'), 'utf8')
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(page)?.[1] ?? ''
}
